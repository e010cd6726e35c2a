/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/links.h"

#include <gio/gio.h>
#include <string.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "entries.h"

/* What browsers make of it (the WHATWG's URL Standard), or NULL: it is not sent anywhere. */
static const struct {
    const char *uri, *host;
} links[] = {
    {"http://corp.example", "corp.example"},
    {"https://intranet.corp.example/a?b#c", "intranet.corp.example"},
    {"HTTPS://InTranet.CORP.example:8443/", "intranet.corp.example"},
    {"http://corp.example.", "corp.example"},
    {"http://corp.example.:80/", "corp.example"},
    {"http://corp.example?@evil.example/", "corp.example"},
    {"http://corp.example#@evil.example/", "corp.example"},
    {"http://corp.example/@evil.example/", "corp.example"},
    {"http://corp.example/\\@evil.example", "corp.example"},
    {"http://corp.example/a b\tc", "corp.example"},
    {"http://a_b.example/", "a_b.example"},
    /* who is before the "@" is no host */
    {"http://corp.example@evil.example/", "evil.example"},
    {"http://corp.example:80@evil.example/", "evil.example"},
    {"http://corp.example%2f@evil.example/", "evil.example"},
    {"http://a@corp.example@evil.example/", "evil.example"},
    {"http://user:secret@corp.example/", "corp.example"},
    /* read in one way by us and in another by a browser */
    {"http://evil.example\\@corp.example/", NULL},
    {"http://corp.example\\.evil.example/", NULL},
    {"http:\\\\corp.example/", NULL},
    {"http:/\\corp.example/", NULL},
    {"http:corp.example/", NULL},
    {"http:/corp.example/", NULL},
    {"http:///corp.example/", NULL},
    {"http://corp.exam\tple/", NULL},
    {"http://corp.example\n.evil.example/", NULL},
    {"http://corp.example .evil.example/", NULL},
    {" http://corp.example/", NULL},
    {"http://c%6frp.example/", NULL},
    {"http://corp.example%2eevil.example/", NULL},
    {"http://corp.example%00.evil.example/", NULL},
    {"http://corp.example%ff/", NULL},
    {"http://\xff/", NULL},
    {"http://stra\xc3\x9f\x65.example/", NULL},
    {"http://a\xe2\x80\x8d.example/", NULL},
    /* no host */
    {"http://", NULL},
    {"http:///", NULL},
    {"http://@/", NULL},
    {"http://corp.example@/", NULL},
    {"http://:80/", NULL},
    {"http://./", NULL},
    {"http://../", NULL},
    {"http://a..b/", NULL},
    {"http://.corp.example/", NULL},
    {"http://corp.example../", NULL},
    {"http://*.corp.example/", NULL},
    {"http://corp.example:x/", NULL},
    {"http://corp.example:99999/", NULL},
    {"http://corp.example:80:80/", NULL},
    {"http://corp,example/", NULL},
    {"http://corp$example/", NULL},
    /* IDN */
    {"http://b\xc3\xbc"
     "cher.example/",
     "xn--bcher-kva.example"},
    {"http://B\xc3\x9c"
     "CHER.example/",
     "xn--bcher-kva.example"},
    {"http://xn--bcher-kva.example/", "xn--bcher-kva.example"},
    {"http://XN--BCHER-KVA.example/", "xn--bcher-kva.example"},
    {"http://corp\xe3\x80\x82"
     "example/",
     "corp.example"},
    {"http://\xef\xbd\x83orp.example/", "corp.example"},
    {"http://\xd1\x81orp.example/", "xn--orp-3ed.example"},
    /* addresses */
    {"http://10.0.0.1/", "10.0.0.1"},
    {"http://10.1/", "10.0.0.1"},
    {"http://0xa.0.0.1/", "10.0.0.1"},
    {"http://012.0.0.1/", "10.0.0.1"},
    {"http://167772161/", "10.0.0.1"},
    {"http://0x0A000001/", "10.0.0.1"},
    {"http://10.0.0.256/", NULL},
    {"http://10.0.0.1.2/", NULL},
    {"http://corp.1/", NULL},
    {"http://[fd00::1]/", "fd00::1"},
    {"http://[FD00:0:0::0001]:80/", "fd00::1"},
    {"http://[fd00::1%25eth0]/", NULL},
    {"http://[fd00::1/", NULL},
    {"http://fd00::1/", NULL},
    {"http://[corp.example]/", NULL},
    /* no link to the web */
    {"ftp://corp.example/", NULL},
    {"file:///etc/passwd", NULL},
    {"javascript:alert(1)", NULL},
    {"/etc/passwd", NULL},
    {"corp.example", NULL},
    {"--help", NULL},
    {"", NULL},
};

static void
test_hosts(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *host = wgw_link_dup_host(links[i].uri, &error);

        if (g_strcmp0(host, links[i].host) != 0)
            g_error("%s: %s instead of %s", links[i].uri, host, links[i].host);
        if (!host)
            g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_patterns(void)
{
    static const struct {
        const char *text, *pattern;
    } cases[] = {
        {"corp.example", "corp.example"},
        {"*.Corp.EXAMPLE.", "*.corp.example"},
        {"*.example", "*.example"},
        {"*", "*"},
        {"localhost", "localhost"},
        {"*.b\xc3\xbc"
         "cher.example",
         "*.xn--bcher-kva.example"},
        {"10.0.0.1", "10.0.0.1"},
        {"[FD00::1]", "fd00::1"},
        {"fd00:0::1", "fd00::1"},
        {"", NULL},
        {"*.", NULL},
        {"*.*", NULL},
        {"**.example", NULL},
        {"*example", NULL},
        {"a.*.example", NULL},
        {"*.10.0.0.1", NULL},
        {"*.fd00::1", NULL},
        {"http://corp.example", NULL},
        {"corp.example/", NULL},
        {"corp.example:80", NULL},
        {"user@corp.example", NULL},
        {"corp example", NULL},
        {"corp.example\n[Service]", NULL},
        {"corp=example", NULL},
        {"stra\xc3\x9f\x65.example", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *pattern = wgw_link_dup_pattern(cases[i].text, &error);

        if (g_strcmp0(pattern, cases[i].pattern) != 0)
            g_error("%s: %s instead of %s", cases[i].text, pattern, cases[i].pattern);
        if (!pattern)
            g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_the_most_exact_rule_counts(void)
{
    static const char *const rules[][2] = {
        {"corp.example", "exact"},       {"*.corp.example", "below"}, {"*.lab.corp.example", "lab"},
        {"www.corp.example", "outlier"}, {"10.0.0.1", "address"},
    };
    static const struct {
        const char *host, *profile;
    } cases[] = {
        {"corp.example", "exact"},
        {"a.corp.example", "below"},
        {"a.b.corp.example", "below"},
        {"lab.corp.example", "below"},
        {"x.lab.corp.example", "lab"},
        {"www.corp.example", "outlier"},
        {"10.0.0.1", "address"},
        {"210.0.0.1", NULL},
        {"evilcorp.example", NULL},
        {"corp.example.evil", NULL},
        {"example", NULL},
        {"*.corp.example", "below"},
    };
    g_autoptr(GHashTable) table = g_hash_table_new(g_str_hash, g_str_equal);

    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        g_hash_table_insert(table, (gpointer)rules[i][0], (gpointer)rules[i][1]);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(wgw_link_find_profile(table, cases[i].host), ==, cases[i].profile);
    g_hash_table_insert(table, (gpointer) "*", (gpointer) "rest");
    g_assert_cmpstr(wgw_link_find_profile(table, "example"), ==, "rest");
    g_assert_cmpstr(wgw_link_find_profile(table, "a.corp.example"), ==, "below");
}

/* Whatever is asked for and whatever the desktop's default is: never what would come back to us. */
static void
test_the_browser_is_another(void)
{
    g_autofree char *browser = entry_text("sh %u", "MimeType=x-scheme-handler/https;");
    g_autofree char *other = entry_text("sh -c x %u", "MimeType=x-scheme-handler/https;");
    g_autofree char *launcher = entry_text(
        "wg-wrap open -- work browser.desktop %U",
        "MimeType=x-scheme-handler/https;\nX-WgWrap-Profile=work\nX-WgWrap-Original=browser.desktop");
    static const struct {
        const char *wanted, *found;
    } cases[] = {
        {"", "browser.desktop"},
        {"other.desktop", "other.desktop"},
        {"gone.desktop", "browser.desktop"},
        {WGW_LINKS_ID, "browser.desktop"},
        {"org.wgwrap.WgWrap.Links", "browser.desktop"},
        {"org.wgwrap.WgWrap.launcher.work.browser.desktop", "browser.desktop"},
    };
    g_autofree char *list = g_build_filename(g_get_user_config_dir(), "mimeapps.list", NULL);
    g_autoptr(GError) error = NULL;

    write_entry(NULL, WGW_LINKS_ID, browser);
    g_assert_null(wgw_browser_find("", &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION);
    write_entry(NULL, "browser.desktop", browser);
    write_entry(NULL, "other.desktop", other);
    write_entry(NULL, "org.wgwrap.WgWrap.launcher.work.browser.desktop", launcher);
    g_assert_true(g_file_set_contents(
        list,
        "[Default Applications]\nx-scheme-handler/https=" WGW_LINKS_ID "\n[Added Associations]\n"
        "x-scheme-handler/https=" WGW_LINKS_ID ";org.wgwrap.WgWrap.launcher.work.browser.desktop;"
        "browser.desktop;other.desktop;\n",
        -1, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(WgwApplication) application = NULL;
        gint64 end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;

        /* GIO takes a moment to see new files. */
        do {
            g_clear_pointer(&application, wgw_application_unref);
            application = wgw_browser_find(cases[i].wanted, NULL);
            g_assert_cmpint(g_get_monotonic_time(), <, end);
        } while (!application);
        g_assert_cmpstr(wgw_application_get_id(application), ==, cases[i].found);
    }
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/links/hosts-are-what-browsers-make-of-them", test_hosts);
    g_test_add_func("/links/patterns", test_patterns);
    g_test_add_func("/links/the-most-exact-rule-counts", test_the_most_exact_rule_counts);
    g_test_add_func("/links/the-browser-is-another", test_the_browser_is_another);
    return run_isolated();
}
