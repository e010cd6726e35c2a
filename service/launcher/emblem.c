/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/emblem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

/* No icon is as large, in bytes. */
#define MAX_ICON (512 * 1024)

/* The original is within the text, for renderers open no other file. */
#define HEAD                                                                                  \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                            \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" " \
    "width=\"128\" height=\"128\" viewBox=\"0 0 128 128\">\n"                                 \
    "  <image width=\"128\" height=\"128\" xlink:href=\"data:"
/* A hill with a tunnel through it, as in our own icon, in the corner at the lower right. */
#define TAIL                                                                                  \
    "\"/>\n"                                                                                  \
    "  <g transform=\"translate(70 70) scale(0.453)\">\n"                                     \
    "    <path d=\"M2 116V68a62 62 0 0 1 124 0v48a10 10 0 0 1-10 10H12a10 10 0 0 1-10-10z\" " \
    "fill=\"#fff\"/>\n"                                                                       \
    "    <path d=\"M10 116V68a54 54 0 0 1 108 0v48a4 4 0 0 1-4 4H14a4 4 0 0 1-4-4z\" "        \
    "fill=\"#26a269\"/>\n"                                                                    \
    "    <path d=\"M32 120V72a32 32 0 0 1 64 0v48z\" fill=\"#241f31\"/>\n"                    \
    "  </g>\n</svg>\n"

/* In the order in which they are wanted. */
static const char *const places[] = {
    "icons/hicolor/scalable/apps", "icons/hicolor/256x256/apps",
    "icons/hicolor/512x512/apps",  "icons/hicolor/128x128/apps",
    "icons/hicolor/96x96/apps",    "icons/hicolor/64x64/apps",
    "icons/hicolor/48x48/apps",    "pixmaps",
};
static const char *const suffixes[] = {".svg", ".png"};

static char *
find_in(const char *data, const char *place, const char *icon)
{
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_str_has_suffix(icon, suffixes[i])
                                    ? g_strdup(icon)
                                    : g_strconcat(icon, suffixes[i], NULL);
        g_autofree char *path = g_build_filename(data, place, file, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&path);
    }
    return NULL;
}

/* (transfer full), or NULL. */
static char *
find(const char *icon)
{
    if (g_path_is_absolute(icon))
        return g_strdup(icon);
    if (!*icon || strchr(icon, '/'))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        char *path = find_in(g_get_user_data_dir(), places[i], icon);

        for (const char *const *data = g_get_system_data_dirs(); !path && *data; data++)
            path = find_in(*data, places[i], icon);
        if (path)
            return path;
    }
    return NULL;
}

/* A small regular file's bytes, or NULL. O_NONBLOCK: it might be a FIFO. */
static guchar *
read_file(const char *path, gsize *ret_len)
{
    WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    g_autofree guchar *bytes = NULL;
    gsize len = 0;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_ICON)
        return NULL;
    bytes = g_malloc(MAX_ICON + 1);
    while (len <= MAX_ICON) {
        ssize_t n = read(fd, bytes + len, MAX_ICON + 1 - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        if (n == 0)
            break;
        len += n;
    }
    if (len == 0 || len > MAX_ICON)
        return NULL;
    *ret_len = len;
    return g_steal_pointer(&bytes);
}

char *
wgw_emblem_draw(const char *icon)
{
    static const char png[] = "\x89PNG\r\n\x1a\n";
    g_autofree char *path = find(icon);
    gsize len = 0;
    g_autofree guchar *bytes = path ? read_file(path, &len) : NULL;
    g_autofree char *text = NULL;
    const char *type;

    if (!bytes)
        return NULL;
    if (len > strlen(png) && memcmp(bytes, png, strlen(png)) == 0)
        type = "image/png";
    else if (*bytes == '<')
        type = "image/svg+xml";
    else
        return NULL;
    text = g_base64_encode(bytes, len);
    return g_strconcat(HEAD, type, ";base64,", text, TAIL, NULL);
}
