/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

/* wgw_complain - say in front of @parent what did not work, for as long as it takes to be read. @body is
 * plain text. */
void wgw_complain(GtkWindow *parent, const char *heading, const char *body);

/* wgw_complain_with_output - the same of a program that wrote this; "": nothing. */
void wgw_complain_with_output(GtkWindow *parent,
                              const char *heading,
                              const char *body,
                              const char *output);

typedef struct {
    const char *id;
    const char *label; /* to be translated */
    AdwResponseAppearance appearance;
} WgwAnswer;

/* wgw_ask - a question about @parent. The last answer is the default one; closing the question is to
 * answer "cancel". @on_response handles AdwMessageDialog::response, with @parent as its data. */
void wgw_ask(GtkWindow *parent,
             const char *heading,
             const char *body,
             const WgwAnswer *answers,
             gsize n_answers,
             GCallback on_response);
