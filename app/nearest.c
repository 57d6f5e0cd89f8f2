/* SPDX-License-Identifier: MIT */
#include "app/nearest.h"

#include <string.h>

#define NAME_LEN_MAX 64

static guint
min3(guint a, guint b, guint c)
{
	return MIN(MIN(a, b), c);
}

/* Letters to be changed, put in, left out, or swapped with their neighbour. */
static guint
distance(const char *a, const char *b)
{
	guint rows[3][NAME_LEN_MAX + 1]; /* of the letters i - 2, i - 1 and i of a */
	gsize len_a = strlen(a), len_b = strlen(b);

	if (len_a > NAME_LEN_MAX || len_b > NAME_LEN_MAX)
		return G_MAXUINT;
	for (guint j = 0; j <= len_b; j++)
		rows[0][j] = j;
	for (guint i = 1; i <= len_a; i++) {
		guint *row = rows[i % 3];
		const guint *last = rows[(i + 2) % 3];
		const guint *before = rows[(i + 1) % 3];
		row[0] = i;
		for (guint j = 1; j <= len_b; j++) {
			guint is_other = a[i - 1] != b[j - 1];
			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + is_other);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
	}
	return rows[len_a % 3][len_b];
}

void
nearest_try(struct nearest *nearest, const char *name)
{
	guint d = distance(nearest->typed, name);

	if (d > strlen(name) / 3 || (nearest->name && d >= nearest->distance))
		return;
	nearest->name = name;
	nearest->distance = d;
}

char *
nearest_hint(const struct nearest *nearest)
{
	if (!nearest->name)
		return g_strdup("");
	return g_strdup_printf("; did you mean %s?", nearest->name);
}
