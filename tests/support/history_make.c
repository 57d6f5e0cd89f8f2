/* SPDX-License-Identifier: MIT */
#include "tests/support/history_make.h"

#include "core/change.h"
#include "core/policy_number.h"

#define DAYS_OF_REPORTS 80

static struct history_policy
make_policy(struct made_history *made, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 4);
	const char *kept[4];

	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
		kept[i] = g_string_chunk_insert(made->texts,
						g_str_equal(words[i], "-") ? "" : words[i]);
	return (struct history_policy){ kept[0], kept[1], kept[2], kept[3] };
}

static void
add_report(GArray *reports, const char *reporter, gint64 day, gint64 first_day)
{
	const struct history_report row = { reporter, day, first_day };

	g_array_append_val(reports, row);
}

static void
add_source(struct made_history *made, const struct history_row *row, gint64 day)
{
	struct history_source source = { .class = (enum class)row->kind,
					 .asn = (guint32)row->m,
					 .first_day = TODAY + row->first,
					 .day = day,
					 .messages = row->n };

	g_assert_true(ip_parse(row->name, &source.ip));
	g_array_append_val(made->sources, source);
}

/* Rows that are no rows of days. */
static gboolean
add_fact(struct made_history *made, const struct history_row *row)
{
	const gint64 first = TODAY + row->first;

	switch ((gint)row->row) {
	case MADE_REPORTS_NONE:
		break;
	case MADE_WHOLE:
		made->history.domain = "";
		break;
	case MADE_FIRST_DAY:
		made->history.first_day = first;
		break;
	case MADE_FROM:
		made->history.from = first;
		break;
	case MADE_DNS:
		made->history.dns =
			(struct history_dns){ TRUE, first, make_policy(made, row->name) };
		break;
	case MADE_SELECTOR: {
		const struct history_selector s = {
			row->name, "example.com",     row->text ? row->text : "",
			first,     TODAY + row->last, row->n
		};
		g_array_append_val(made->selectors, s);
		break;
	}
	case MADE_SUBDOMAIN: {
		const struct history_subdomain s = { row->name, first, row->n };
		g_array_append_val(made->subdomains, s);
		break;
	}
	default:
		return FALSE;
	}
	return TRUE;
}

static void
add_mail(struct made_history *made, const struct history_row *row, gint64 day)
{
	const struct history_class class = { (enum class)row->kind, day, row->n };
	const struct history_sender sender = { row->name, day, row->n, row->m };

	switch ((gint)row->row) {
	case MADE_REPORT:
		add_report(made->reports, row->name, day, row->kind ? TODAY + row->first : 0);
		break;
	case MADE_ALIVE:
		add_report(made->other_reports, row->name, day, 0);
		break;
	case MADE_CLASS:
		g_array_append_val(made->classes, class);
		break;
	case MADE_SENDER:
		g_array_append_val(made->senders, sender);
		break;
	case MADE_SOURCE:
		add_source(made, row, day);
		break;
	default:
		break;
	}
}

static void
add_note(struct made_history *made, const struct history_row *row, gint64 day)
{
	const char *text = row->text ? row->text : "";
	const struct history_fault fault = { row->name, day, row->n };
	const struct history_state answer = { row->name, text, day, (enum fact)row->kind };
	const struct history_incident incident = { row->name, text, day,
						   (enum history_mark)row->kind };

	switch ((gint)row->row) {
	case MADE_POLICY: {
		const struct history_policy policy = make_policy(made, row->name);
		const struct history_policy_seen seen = { policy_number(&policy), day, row->n };
		g_array_append_val(made->policies, seen);
		break;
	}
	case MADE_FAULT:
		g_array_append_val(made->faults, fault);
		break;
	case MADE_OWN:
		g_array_append_val(made->own_addresses, answer);
		break;
	case MADE_RECORD:
		g_array_append_val(made->records, answer);
		break;
	case MADE_INCIDENT:
		g_array_append_val(made->incidents, incident);
		break;
	default:
		break;
	}
}

static void
add_row(struct made_history *made, const struct history_row *row)
{
	int last = row->last ? row->last : row->first;

	if (add_fact(made, row))
		return;
	for (int day = row->first; day <= last; day += MAX(row->step, 1)) {
		add_mail(made, row, TODAY + day);
		add_note(made, row, TODAY + day);
	}
}

#define MAKE(made, name, type) ((made)->name = g_array_new(FALSE, FALSE, sizeof(struct type)))

static struct made_history *
make_empty(void)
{
	struct made_history *made = g_new0(struct made_history, 1);

	MAKE(made, reports, history_report);
	MAKE(made, other_reports, history_report);
	MAKE(made, classes, history_class);
	MAKE(made, senders, history_sender);
	MAKE(made, sources, history_source);
	MAKE(made, selectors, history_selector);
	MAKE(made, subdomains, history_subdomain);
	MAKE(made, policies, history_policy_seen);
	MAKE(made, faults, history_fault);
	MAKE(made, own_addresses, history_state);
	MAKE(made, incidents, history_incident);
	MAKE(made, records, history_state);
	made->texts = g_string_chunk_new(256);
	made->history = (struct history){ .domain = "example.com",
					  .today = TODAY,
					  .from = TODAY - 30,
					  .first_day = TODAY - DAYS_OF_REPORTS };
	return made;
}

struct made_history *
history_make(const struct history_row *rows)
{
	struct made_history *made = make_empty();
	gboolean want_reports = TRUE;

	for (; rows->row != MADE_END; rows++) {
		want_reports = want_reports && rows->row != MADE_REPORTS_NONE;
		add_row(made, rows);
	}
	for (gint64 day = TODAY - DAYS_OF_REPORTS; want_reports && day < TODAY; day++) {
		add_report(made->reports, "google", day, TODAY - DAYS_OF_REPORTS);
		add_report(made->reports, "gmx", day, TODAY - DAYS_OF_REPORTS);
	}
	history_make_again(made);
	return made;
}

#define ARRAYS(made)                                                                              \
	{                                                                                         \
		(made)->reports, (made)->other_reports, (made)->classes, (made)->senders,         \
			(made)->sources, (made)->selectors, (made)->subdomains, (made)->policies, \
			(made)->faults, (made)->own_addresses, (made)->incidents, (made)->records \
	}

void
history_make_free(struct made_history *made)
{
	if (!made)
		return;
	GArray *arrays[] = ARRAYS(made);
	for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++)
		g_array_unref(arrays[i]);
	g_string_chunk_free(made->texts);
	g_free(made);
}

#define POINT(made, name)                                     \
	((made)->history.name = (gpointer)(made)->name->data, \
	 (made)->history.n_##name = (made)->name->len)

void
history_make_again(struct made_history *made)
{
	POINT(made, reports);
	POINT(made, other_reports);
	POINT(made, classes);
	POINT(made, senders);
	POINT(made, sources);
	POINT(made, selectors);
	POINT(made, subdomains);
	POINT(made, policies);
	POINT(made, faults);
	POINT(made, own_addresses);
	POINT(made, incidents);
	POINT(made, records);
}

void
history_shuffle(struct made_history *made, GRand *rand)
{
	GArray *arrays[] = ARRAYS(made);
	guint8 row[sizeof(struct history_source) + sizeof(struct history_policy_seen)];

	for (gsize k = 0; k < G_N_ELEMENTS(arrays); k++) {
		gsize size = g_array_get_element_size(arrays[k]);
		for (guint i = arrays[k]->len; i > 1; i--) {
			guint8 *a = (guint8 *)arrays[k]->data + size * (i - 1);
			guint8 *b = (guint8 *)arrays[k]->data +
				    size * (gsize)g_rand_int_range(rand, 0, (gint)i);
			g_assert_cmpuint(size, <=, sizeof(row));
			memcpy(row, a, size);
			memmove(a, b, size);
			memcpy(b, row, size);
		}
	}
}

static void
tell_number(GString *text, const struct change_number_row *row, const struct change_number *number)
{
	gint64 n = number->n;

	/* Histories of the tests may have the lowest of all days. */
	if (row->unit == CHANGE_UNIT_DAY)
		n = (gint64)((guint64)n - TODAY);
	g_string_append_printf(text, " %s=%" G_GINT64_FORMAT, row->name, n);
	if (row->unit == CHANGE_UNIT_SHARE)
		g_string_append_printf(text, "/%" G_GINT64_FORMAT, number->whole);
}

char *
history_tell(const GPtrArray *changes)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < changes->len; i++) {
		const struct change *change = changes->pdata[i];
		const struct change_kind_row *row = &change_kinds[change->kind];
		const char *texts[] = { change->object, change->part, change->was, change->is };
		g_string_append_printf(text, "%s%s", i ? "; " : "", row->name);
		for (gsize k = 0; k < G_N_ELEMENTS(texts); k++)
			if (texts[k][0])
				g_string_append_printf(text, " %s", texts[k]);
		g_string_append_printf(text, " %" G_GINT64_FORMAT, change->day - TODAY);
		if (change->class != CLASS_NONE)
			g_string_append_printf(text, " %s", class_name(change->class));
		for (gsize k = 0; row->numbers[k].name; k++)
			tell_number(text, &row->numbers[k], &change->numbers[k]);
	}
	return g_string_free(text, FALSE);
}
