/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/config-form.h"
#include "gui/draft.h"
#include "gui/editor.h"
#include "gui/key-mask.h"
#include "gui/problem-list.h"

/* The editor's parts: editor.c has the text, editor-views.c how it is seen, editor-save.c what becomes of it
 * in the service. */

struct _WgwEditor {
    AdwWindow parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel; /* NULL: the profile does not exist yet */
    char *name;
    GHashTable *public_keys; /* private key, (owned) and wiped -> public key, (owned) */
    char *public_key;        /* of the private key that is in the text; NULL: not known */

    WgwKeyMask *mask;
    WgwKeyText *base;
    WgwKeyText *sent;  /* what is being saved; NULL: nothing is */
    WgwKeyText *found; /* the draft of an earlier run, until the user has said what to do with it */
    WgwDraft *draft;
    gboolean ready; /* the text is there, and what is typed counts */
    gboolean modified;
    gboolean gone; /* the profile was removed: what is here is all there is of it */
    gboolean close_when_saved;
    guint pause;
    GCancellable *check;

    AdwWindowTitle *title;
    AdwToastOverlay *toasts;
    GtkToggleButton *show_keys;
    GtkWidget *key_row;
    GtkLabel *key_label;
    AdwViewStack *views;
    WgwConfigForm *form;
    GtkTextView *view;
    GtkTextBuffer *buffer;
    WgwProblemList *problems;
};

/* wgw_editor_dup_text - free with wgw_key_text_free. */
char *wgw_editor_dup_text(WgwEditor *editor, WgwKeyForm form);

/* wgw_editor_toast - @message is plain text. */
void wgw_editor_toast(WgwEditor *editor, const char *message);

/* wgw_editor_update - "modified", and what is shown of it. */
void wgw_editor_update(WgwEditor *editor);

/* wgw_editor_changed - the text, or what it is compared with: it is checked, and kept as a draft. */
void wgw_editor_changed(WgwEditor *editor);

void wgw_editor_save(WgwEditor *editor);

/* wgw_editor_follow - the profile @name, wherever it goes from there: to another name, or away. */
void wgw_editor_follow(WgwEditor *editor, const char *name);

/* wgw_editor_connect_views - once. */
void wgw_editor_connect_views(WgwEditor *editor);

/* wgw_editor_choose_view - what one begins with: the form, if it can have this text. */
void wgw_editor_choose_view(WgwEditor *editor);

/* wgw_editor_change_view - to the other one. */
void wgw_editor_change_view(WgwEditor *editor);
