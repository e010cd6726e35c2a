/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* Invented keys: nobody's. */
#define PRIVATE   "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92s="
#define PUBLIC    "hJyw67NI9ArAOfI+Nfrt5eQMCB+SwSAAn9/nSWlkCgM="
#define PRIVATE_2 "GCwKBq6PPOY/tLW02UDZIlFGCXU/EIKQPAoiL4sYYm0="
#define PEER_A    "Z0JjLygNjMi2vVKCagvCukcGt1y98AOeQOBj/T7pK1w="
#define PEER_B    "O/rqYDPcEhK1oHLJliazcdxufBCmPeoMHLTGZrbiLC4="
#define PEER_C    "tnboltciPBmU0SAe33QTYwrLO6zlC8cMO/a6nCa/IAc="
#define PSK       "xkP7w0VgGKsP6c2g8IjOkplr+C6C8tiHhwQfxwcXF98="
#define PSK_2     "uLBb33645FW//OMPKjb8LDHofgLONOxzGT2Xk65vO1w="

#define NO_KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* A configuration with which wgw_config_parse has no problem at all. */
#define MINIMAL                                                                      \
    "[Interface]\nPrivateKey = " PRIVATE "\nAddress = 10.7.0.2/32\nDNS = 10.7.0.1\n" \
    "[Peer]\nPublicKey = " PEER_A "\nAllowedIPs = 0.0.0.0/0\nEndpoint = 192.0.2.1:51820\n"
