/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/profile.h"

#include <glib/gi18n.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "profile/files.h"
#include "profile/profile-private.h"

struct _WgwProfile {
    GObject parent_instance;

    char *name;
    char *path;
    WgwConfig *config;   /* without secrets, or NULL */
    GPtrArray *problems; /* of WgwProblem */
    /* Of the text and the problems, to tell a change. Keyed, so that it tells nobody anything about
     * the secrets in the text. */
    guint8 digest[crypto_generichash_BYTES];
};

G_DEFINE_FINAL_TYPE(WgwProfile, wgw_profile, G_TYPE_OBJECT)

static void
wgw_profile_init(WgwProfile *profile)
{
    profile->problems = wgw_problems_new();
}

static void
wgw_profile_finalize(GObject *object)
{
    WgwProfile *profile = WGW_PROFILE(object);

    g_free(profile->name);
    g_free(profile->path);
    g_clear_pointer(&profile->config, wgw_config_unref);
    g_ptr_array_unref(profile->problems);
    G_OBJECT_CLASS(wgw_profile_parent_class)->finalize(object);
}

static void
wgw_profile_class_init(WgwProfileClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_profile_finalize;
}

WgwProfile *
wgw_profile_new(const char *directory, const char *name)
{
    WgwProfile *profile = g_object_new(WGW_TYPE_PROFILE, NULL);
    g_autofree char *file = g_strconcat(name, WGW_PROFILE_SUFFIX, NULL);

    profile->name = g_strdup(name);
    profile->path = g_build_filename(directory, file, NULL);
    return profile;
}

static void
digest_problems(crypto_generichash_state *state, GPtrArray *problems)
{
    for (guint i = 0; i < problems->len; i++) {
        const WgwProblem *problem = g_ptr_array_index(problems, i);

        crypto_generichash_update(state, (const guint8 *)problem->message,
                                  strlen(problem->message));
    }
}

/* The key of all digests, of this process alone. */
static const guint8 *
digest_key(void)
{
    static guint8 key[crypto_generichash_KEYBYTES];
    static gsize have_key;

    if (g_once_init_enter(&have_key)) {
        crypto_generichash_keygen(key);
        g_once_init_leave(&have_key, 1);
    }
    return key;
}

static void
warn_if_readable(int fd, GPtrArray *problems)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        wgw_problems_add(problems, 1, 1, WGW_SEVERITY_WARNING, "readable-by-others",
                         g_strdup(_("Other users may read or write the file, which holds a private "
                                    "key. Take their permissions away: chmod 600.")));
}

WgwRefresh
wgw_profile_refresh(WgwProfile *profile)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autoptr(WgwConfig) config = NULL;
    g_autoptr(WgwSecret) text = NULL;
    g_autoptr(GError) error = NULL;
    WGW_AUTOCLOSE int fd = wgw_files_open(profile->path, &error);
    guint8 digest[crypto_generichash_BYTES];
    crypto_generichash_state state;

    if (g_error_matches(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE))
        return WGW_REFRESH_GONE;
    crypto_generichash_init(&state, digest_key(), crypto_generichash_KEYBYTES, sizeof digest);
    text = fd < 0 ? NULL : wgw_secret_read(fd, WGW_CONFIG_MAX_SIZE, &error);
    if (text) {
        config = wgw_config_parse(wgw_secret_get_text(text), wgw_secret_get_length(text),
                                  WGW_CONFIG_NO_SECRETS, &problems, NULL);
        crypto_generichash_update(&state, (const guint8 *)wgw_secret_get_text(text),
                                  wgw_secret_get_length(text));
        warn_if_readable(fd, problems);
    } else {
        problems = wgw_problems_new();
        wgw_problems_add(problems, 1, 1, WGW_SEVERITY_ERROR, "unreadable",
                         g_strdup(error->message));
    }
    digest_problems(&state, problems);
    crypto_generichash_final(&state, digest, sizeof digest);
    if (memcmp(digest, profile->digest, sizeof digest) == 0)
        return WGW_REFRESH_SAME;

    memcpy(profile->digest, digest, sizeof digest);
    g_clear_pointer(&profile->config, wgw_config_unref);
    profile->config = g_steal_pointer(&config);
    g_ptr_array_unref(profile->problems);
    profile->problems = g_steal_pointer(&problems);
    return WGW_REFRESH_CHANGED;
}

static gboolean
name_error(GError **error, const char *message)
{
    g_set_error_literal(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, message);
    return FALSE;
}

gboolean
wgw_profile_name_check(const char *name, GError **error)
{
    if (*name == '\0')
        return name_error(error, _("A profile's name is empty. Give it one."));
    if (!g_utf8_validate(name, -1, NULL))
        return name_error(error, _("A profile's name must be UTF-8."));
    if (*name == '.')
        return name_error(error, _("A profile's name must not begin with \".\"."));
    /* A file's name has 255 bytes at most. */
    if (g_utf8_strlen(name, -1) > WGW_PROFILE_NAME_MAX ||
        strlen(name) + strlen(WGW_PROFILE_SUFFIX) > 255)
        return name_error(error, _("A profile's name must not be longer than 64 characters."));
    for (const char *p = name; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c == '/' || g_unichar_iscntrl(c) || g_unichar_type(c) == G_UNICODE_LINE_SEPARATOR ||
            g_unichar_type(c) == G_UNICODE_PARAGRAPH_SEPARATOR)
            return name_error(error, _("A profile's name must not have \"/\", line breaks or "
                                       "other control characters in it."));
    }
    return TRUE;
}

const char *
wgw_profile_get_name(WgwProfile *profile)
{
    g_return_val_if_fail(WGW_IS_PROFILE(profile), NULL);
    return profile->name;
}

const char *
wgw_profile_get_path(WgwProfile *profile)
{
    g_return_val_if_fail(WGW_IS_PROFILE(profile), NULL);
    return profile->path;
}

gboolean
wgw_profile_is_valid(WgwProfile *profile)
{
    g_return_val_if_fail(WGW_IS_PROFILE(profile), FALSE);
    return profile->config != NULL;
}

WgwConfig *
wgw_profile_get_config(WgwProfile *profile)
{
    g_return_val_if_fail(WGW_IS_PROFILE(profile), NULL);
    return profile->config;
}

GPtrArray *
wgw_profile_get_problems(WgwProfile *profile)
{
    g_return_val_if_fail(WGW_IS_PROFILE(profile), NULL);
    return profile->problems;
}

int
wgw_profile_open(WgwProfile *profile, GError **error)
{
    g_return_val_if_fail(WGW_IS_PROFILE(profile), -1);
    return wgw_files_open(profile->path, error);
}

WgwSecret *
wgw_profile_read(WgwProfile *profile, GError **error)
{
    WGW_AUTOCLOSE int fd = wgw_profile_open(profile, error);

    return fd < 0 ? NULL : wgw_secret_read(fd, WGW_CONFIG_MAX_SIZE, error);
}

WgwConfig *
wgw_profile_load(WgwProfile *profile, GError **error)
{
    WGW_AUTOCLOSE int fd = wgw_profile_open(profile, error);

    return fd < 0 ? NULL : wgw_config_load(fd, WGW_CONFIG_SECRETS, NULL, error);
}
