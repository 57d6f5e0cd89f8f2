/* SPDX-License-Identifier: MIT */
/*
 * status_links.h - does dmarcd reach what it reads mail from? A part of the Status page.
 */
#ifndef WEB_STATUS_LINKS_H
#define WEB_STATUS_LINKS_H

#include <glib.h>
#include <jansson.h>

/* Fills "intakes"; gives how many of them cannot be reached. */
guint status_links_fill(json_t *root);

#endif
