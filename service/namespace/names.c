/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HEAD "# Written by wg-wrap for this session."

/* Whether this line of nsswitch.conf is the database "hosts". */
static int
is_hosts(const char *line, size_t len)
{
    static const char database[] = "hosts";
    size_t i = 0;

    while (i < len && isblank((unsigned char)line[i]))
        i++;
    if (len - i < sizeof database - 1 || strncasecmp(line + i, database, sizeof database - 1) != 0)
        return 0;
    i += sizeof database - 1;
    while (i < len && isblank((unsigned char)line[i]))
        i++;
    return i < len && line[i] == ':';
}

static int
has_word(const char *line, size_t len, const char *word)
{
    size_t word_len = strlen(word);

    for (size_t i = 0; i + word_len <= len; i++)
        if (memcmp(line + i, word, word_len) == 0 &&
            (i == 0 || isspace((unsigned char)line[i - 1])) &&
            (i + word_len == len || isspace((unsigned char)line[i + word_len]) ||
             line[i + word_len] == '['))
            return 1;
    return 0;
}

void
ns_names_write_resolv_conf(FILE *file, const struct ns_plan *plan)
{
    fprintf(file, HEAD "\n");
    if (plan->n_dns == 0)
        fprintf(file, "# The profile has no DNS= line, so names do not resolve in this tunnel.\n");
    for (size_t i = 0; i < plan->n_dns; i++) {
        char text[INET6_ADDRSTRLEN];

        if (inet_ntop(plan->dns[i].family, plan->dns[i].address, text, sizeof text))
            fprintf(file, "nameserver %s\n", text);
    }
    if (plan->n_dns > 0 && plan->search && plan->search[0]) {
        fprintf(file, "search");
        for (const char *const *domain = plan->search; *domain; domain++)
            fprintf(file, " %s", *domain);
        fprintf(file, "\n");
    }
}

void
ns_names_write_nsswitch_conf(FILE *file, const struct ns_plan *plan, const char *host)
{
    const char *myhostname = "";

    fprintf(file, HEAD "\n");
    while (*host) {
        size_t len = strcspn(host, "\n");

        if (is_hosts(host, len)) {
            if (has_word(host, len, "myhostname"))
                myhostname = " myhostname";
        } else if (strncmp(host, HEAD, strlen(HEAD)) != 0)
            fprintf(file, "%.*s\n", (int)len, host);
        host += len;
        if (*host)
            host++;
    }
    fprintf(file, "hosts: files%s%s\n", plan->n_dns > 0 ? " dns" : "", myhostname);
}
