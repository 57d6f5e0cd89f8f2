/* SPDX-License-Identifier: MIT */
/*
 * render.h - the three faces of a page's value tree.
 *
 * What HTML pages find in the tree besides what their handler put there (all for HTML only):
 *
 *   _title      for <title>; a handler sets it, else the menu's word stands there
 *   _user       who is logged in; missing: nobody
 *   _csrf       the token that every POST form carries: <input type="hidden" name="_csrf"
 *               value="{{_csrf}}">
 *   _menu _more the entries of the menu: name, href, is_current, count
 *   _theme      "light" or "dark" where the visitor chose one
 *   _style _script _mark   addresses of the stylesheet, the script and the icon
 *   _here _here_encoded   path and query of the page itself, without "after"
 *   _t          the table of words: {{_t.frame.skip}}
 *   _find       what the search field of the frame holds
 *   _version    of the program
 */
#ifndef WEB_RENDER_H
#define WEB_RENDER_H

#include <glib.h>
#include <jansson.h>

#include "web/template.h"

/* Append the page: template "layout" with {{>content}} standing for the template named. */
gboolean render_html(const struct template_set *templates, const char *template, json_t *root,
		     GString *out, GError **error);

/*
 * Append root as one JSON object and a line feed, without the members, at any depth, whose name
 * begins with "_"; "generated" is added where generated_at is not 0 and the handler set none.
 */
void render_json(json_t *root, gint64 generated_at, GString *out);

/*
 * The columns a request picked: NULL chosen means all of them. INVALID names the column that is
 * not there. Free with g_strfreev().
 */
char **render_csv_columns(const char *const *all, const char *chosen, GError **error);

/* Append the header line; the rows of the list "data" follow, one line each. */
void render_csv_header(const char *const *columns, GString *out);
void render_csv_rows(const char *const *columns, const json_t *root, GString *out);

#endif
