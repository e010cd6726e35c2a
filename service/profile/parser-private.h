/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config-private.h"
#include "profile/scanner.h"

/* The state of wgw_config_parse, shared by its files: parser.c goes through the lines, rules.c
 * reads values, parser-problems.c words complaints, assembly.c makes the whole of the parts. */

typedef enum {
    IN_NOTHING, /* before the first section */
    IN_INTERFACE,
    IN_PEER,
    IN_UNKNOWN, /* a section that is a mistake already; its keys are passed over */
    N_PLACES,
} WgwPlace;

/* An allowed IP and where it was said. */
typedef struct {
    WgwAddress address;
    guint line, column;
} WgwRoute;

/* One [Peer] section; several may describe the same peer. */
typedef struct _WgwPeerSection WgwPeerSection;

struct _WgwPeerSection {
    guint line, column;
    gboolean tried_public_key; /* there is a value, of whatever worth */
    gboolean has_public_key;
    guint8 public_key[WGW_KEY_LEN];
    gboolean tried_preshared_key;
    gboolean has_preshared_key;
    guint preshared_key;  /* place in config->secrets, from 1; 0: not kept */
    WgwEndpoint endpoint; /* host is ours, NULL: none */
    gboolean has_keepalive;
    guint16 keepalive;
    GArray *routes;         /* of WgwRoute */
    guint index;            /* of the peer in config->peers */
    WgwPeerSection *before; /* the one before it for the same peer, lent, or NULL */
    gboolean superseded;    /* there is a later one for the same peer */
};

typedef struct {
    WgwConfigFlags flags;
    WgwScanner scanner;
    WgwConfig *config;

    GPtrArray *problems;
    guint n_problems[2];   /* by severity, also those that were too many to keep */
    const char *column_at; /* where the last column was counted, so that counting is linear */
    guint column_line, column;

    WgwPlace place;
    gboolean plain_section; /* the section's line has no blanks inside: wg-quick knows it */
    guint32 seen[N_PLACES]; /* bits: which rules had a value in this section */
    guint interface_line;   /* 0: there is no [Interface] */
    guint mtu_line;         /* 0: there is no MTU */
    gboolean tried_private_key;
    guint private_key;       /* place in config->secrets, from 1; 0: not kept */
    GHashTable *addresses;   /* WgwAddress, owned: those that config->addresses has */
    GPtrArray *sections;     /* of WgwPeerSection */
    WgwPeerSection *current; /* the last of them, lent, if in one */
} WgwParser;

typedef struct _WgwRule WgwRule;

struct _WgwRule {
    const char *name;
    WgwPlace place;
    enum {
        OF_WG = 0,
        OF_WG_QUICK = 1 << 0,
        MANY = 1 << 1, /* values add up */
    } flags;
    void (*read)(WgwParser *parser, const WgwRule *rule, WgwSpan value);
};

/* rules.c */

#define WGW_N_RULES 17
extern const WgwRule wgw_rules[WGW_N_RULES];

/* parser-problems.c; messages are taken over */

guint wgw_parser_column(WgwParser *parser, const char *at);
void wgw_parser_take_problem(WgwParser *parser,
                             guint line,
                             guint column,
                             WgwSeverity severity,
                             const char *code,
                             char *message);
void wgw_parser_take_error(WgwParser *parser, const char *at, const char *code, char *message);
void wgw_parser_take_warning(WgwParser *parser, const char *at, const char *code, char *message);
/* wgw_parser_bad_value - an error that repeats the text, unless it looks like a key. */
void wgw_parser_bad_value(WgwParser *parser, WgwSpan span, const char *code, const char *expected);
/* wgw_parser_finish_problems - put them in order, and say if there were too many. */
void wgw_parser_finish_problems(WgwParser *parser);

/* assembly.c */

/* wgw_parser_assemble - complete config from the sections, with the warnings that need the whole. */
void wgw_parser_assemble(WgwParser *parser);
