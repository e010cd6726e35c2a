/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/uapi.h"

#include <errno.h>
#include <string.h>

static int
begin(struct uapi *uapi, const char *line)
{
    if (strcmp(line, "get=1") == 0)
        uapi->operation = UAPI_GET;
    else if (strcmp(line, "set=1") == 0)
        uapi->operation = UAPI_SET;
    else
        return -EPROTO;
    uapi->error = uapi->operation == UAPI_SET && uapi->access == UAPI_PUBLIC ? -EPERM : 0;
    uapi->has_peer = false;
    return 0;
}

static void
finish(struct uapi *uapi, struct text *answer)
{
    if (uapi->operation == UAPI_GET && uapi->error == 0)
        uapi->error = uapi_get(uapi, answer);
    else if (uapi->operation == UAPI_SET && uapi->error == 0 && uapi->host->told)
        uapi->host->told(uapi->host->context);
    uapi_end(uapi);
    /* Negative, as wireguard-go answers and wg(8) understands it, whatever the document says. */
    text_add(answer, "errno=%d\n\n", uapi->error);
}

int
uapi_line(struct uapi *uapi, char *line, struct text *answer)
{
    char *value;

    if (uapi->operation == UAPI_NONE)
        return *line ? begin(uapi, line) : 0;
    if (*line == '\0') {
        finish(uapi, answer);
        return 0;
    }
    if (uapi->error < 0)
        return 0;
    value = strchr(line, '=');
    if (uapi->operation == UAPI_GET || !value) {
        uapi->error = -EINVAL;
        return 0;
    }
    *value++ = '\0';
    uapi->error = uapi_set(uapi, line, value);
    return 0;
}

void
uapi_end(struct uapi *uapi)
{
    uapi_finish_peer(uapi);
    uapi->operation = UAPI_NONE;
}
