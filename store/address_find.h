/* SPDX-License-Identifier: MIT */
/*
 * address_find.h - find what looks like a mail address in any text.
 */
#ifndef STORE_ADDRESS_FIND_H
#define STORE_ADDRESS_FIND_H

#include <glib.h>

/* local@domain; a quoted local part without its quotes. Both point into the text. */
struct address_found {
	const char *local;
	gsize local_len;
	const char *domain;
	gsize domain_len;
};

/* Call each for every address, in the order of the text. */
void address_find(const char *text, void (*each)(gpointer data, const struct address_found *found),
		  gpointer data);

#endif
