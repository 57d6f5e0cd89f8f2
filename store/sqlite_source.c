/* SPDX-License-Identifier: MIT */
/* Questions about one address. */
#include "store/sqlite_evidence.h"
#include "store/sqlite_source_list.h"
#include "store/sqlite_source_row.h"
#include "store/sqlite_view.h"

/* So many of the newest reports are read for the authentication detail. */
#define REPORTS_READ_MAX 200
#define AUTHS_MAX        50
#define REPORT_IDS_MAX   50

static void
reporter_free(gpointer data)
{
	struct query_source_reporter *reporter = data;

	g_free(reporter->reporter);
	g_free(reporter);
}

static void
auth_free(gpointer data)
{
	struct query_source_auth *auth = data;

	g_free(auth->domain);
	g_free(auth->header_from);
	g_free(auth->envelope_from);
	g_free(auth->spf);
	g_free(auth->dkim);
	g_free(auth->reasons);
	g_free(auth);
}

void
query_source_detail_free(struct query_source_detail *detail)
{
	if (!detail)
		return;
	g_ptr_array_unref(detail->domains);
	g_array_unref(detail->days);
	g_ptr_array_unref(detail->reporters);
	g_ptr_array_unref(detail->auths);
	g_ptr_array_unref(detail->report_ids);
	g_free(detail);
}
typedef struct query_source_detail query_source_detail_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_source_detail_auto, query_source_detail_free)

struct asking {
	struct store_view *view;
	enum window window;
	gint64 domain; /* 0 = all */
	gint64 address;
	gint64 from_day;
	gint64 last_day;
	struct source_days *days; /* all of the address */
};

static gboolean
is_asked_for(const struct asking *a, const struct source_day *day)
{
	return (a->domain == 0 || a->domain == day->domain) &&
	       (a->window == WINDOW_ALL || (day->day >= a->from_day && day->day <= a->last_day));
}

static gint
compare_sources(gconstpointer a, gconstpointer b)
{
	const struct query_source *x = *(const struct query_source *const *)a;
	const struct query_source *y = *(const struct query_source *const *)b;

	if (x->totals.messages != y->totals.messages)
		return x->totals.messages > y->totals.messages ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static gboolean
add_domains(const struct asking *a, struct query_source_detail *detail, GError **error)
{
	struct query_page page = { .rows = detail->domains };
	gint64 before = -1;

	for (guint i = 0; i < a->days->rows->len; i++) {
		gint64 domain = g_array_index(a->days->rows, struct source_day, i).domain;
		if (domain == before || (a->domain > 0 && a->domain != domain))
			continue;
		before = domain;
		const struct source_key key = { .domain = domain, .address = a->address };
		if (!source_list_add(a->view, &key, a->window, &page, error))
			return FALSE;
	}
	g_ptr_array_sort(detail->domains, compare_sources);
	return TRUE;
}

static gint
compare_day_rows(gconstpointer a, gconstpointer b)
{
	const struct query_source_day *x = a;
	const struct query_source_day *y = b;

	return x->day < y->day ? -1 : x->day > y->day;
}

/* Days come by domain: the same day of several domains is one row. */
static void
add_days(const struct asking *a, struct query_source_detail *detail)
{
	g_autoptr(GHashTable) places = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < a->days->rows->len; i++) {
		struct source_day *day = &g_array_index(a->days->rows, struct source_day, i);
		if (!is_asked_for(a, day))
			continue;
		guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, &day->day));
		if (place == 0) {
			const struct query_source_day row = { .day = day->day };
			g_array_append_val(detail->days, row);
			place = detail->days->len;
			g_hash_table_insert(places, &day->day, GUINT_TO_POINTER(place));
		}
		totals_add(&g_array_index(detail->days, struct query_source_day, place - 1).totals,
			   &day->totals);
	}
	g_array_sort(detail->days, compare_day_rows);
}

static gint
compare_reporters(gconstpointer a, gconstpointer b)
{
	const struct query_source_reporter *x = *(const struct query_source_reporter *const *)a;
	const struct query_source_reporter *y = *(const struct query_source_reporter *const *)b;

	if (x->totals.messages != y->totals.messages)
		return x->totals.messages > y->totals.messages ? -1 : 1;
	return strcmp(x->reporter, y->reporter);
}

static void
add_to_reporter(struct query_source_reporter *row, const struct source_day *day)
{
	gint64 messages = day->totals.messages;

	totals_add(&row->totals, &day->totals);
	if (day->authenticated < N_AUTHENTICATED)
		row->messages_by[day->authenticated] =
			count_add(row->messages_by[day->authenticated], messages);
	if (day->voice != 0)
		row->counted = count_add(row->counted, messages);
}

static void
add_reporters(const struct asking *a, struct query_source_detail *detail)
{
	g_autoptr(GHashTable) rows = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < a->days->rows->len; i++) {
		const struct source_day *day = &g_array_index(a->days->rows, struct source_day, i);
		if (!is_asked_for(a, day))
			continue;
		struct query_source_reporter *row =
			g_hash_table_lookup(rows, GUINT_TO_POINTER(day->reporter));
		if (!row) {
			row = g_new0(struct query_source_reporter, 1);
			row->reporter = view_reporter(a->view, day->reporter);
			row->first_day = row->last_day = day->day;
			g_hash_table_insert(rows, GUINT_TO_POINTER(day->reporter), row);
			g_ptr_array_add(detail->reporters, row);
		}
		add_to_reporter(row, day);
		row->first_day = MIN(row->first_day, day->day);
		row->last_day = MAX(row->last_day, day->day);
	}
	g_ptr_array_sort(detail->reporters, compare_reporters);
}

static gboolean
describe(struct store_view *view, const struct evidence_row *row, struct query_source_auth *auth,
	 GError **error)
{
	const struct stored_record *r = &row->record;
	g_autoptr(GString) spf = g_string_new(NULL);
	g_autoptr(GString) dkim = g_string_new(NULL);
	g_autoptr(GString) reasons = g_string_new(NULL);

	if (!view_append_auth(view, r->auth_set, VIEW_SPF, spf, error) ||
	    !view_append_auth(view, r->auth_set, VIEW_DKIM, dkim, error) ||
	    !view_append_reasons(view, r->reason_set, reasons, error))
		return FALSE;
	auth->domain = view_name(view, row->domain);
	auth->header_from = view_name(view, r->header_from);
	auth->envelope_from = view_name(view, r->envelope_from);
	auth->spf = g_strdup(spf->str);
	auth->dkim = g_strdup(dkim->str);
	auth->reasons = g_strdup(reasons->str);
	auth->disposition = (enum disposition)r->disposition;
	auth->aligned_dkim = (enum aligned)r->dkim;
	auth->aligned_spf = (enum aligned)r->spf;
	auth->messages = row->messages;
	auth->report = row->report;
	return TRUE;
}

static gboolean
add_evidence(const struct asking *a, struct query_source_detail *detail, GError **error)
{
	const struct evidence_question question = {
		.address = (guint32)a->address,
		.domain = a->domain,
		.from_day = a->from_day,
		.to_day = a->window == WINDOW_ALL ? G_MAXINT64 : a->last_day,
		.max_reports = REPORTS_READ_MAX,
	};
	g_autoptr(evidence_auto) evidence = evidence_read(a->view, &question, a->days, error);
	if (!evidence)
		return FALSE;
	g_autoptr(GPtrArray) sorted = evidence_sorted(evidence);

	detail->reports = evidence->n_reports;
	detail->reports_read = evidence->reports->len;
	for (guint i = 0; i < MIN(sorted->len, AUTHS_MAX); i++) {
		struct query_source_auth *auth = g_new0(struct query_source_auth, 1);
		g_ptr_array_add(detail->auths, auth);
		if (!describe(a->view, g_ptr_array_index(sorted, i), auth, error))
			return FALSE;
	}
	for (guint i = 0; i < MIN(evidence->reports->len, REPORT_IDS_MAX); i++)
		g_ptr_array_add(detail->report_ids,
				g_strdup_printf("%" G_GINT64_FORMAT,
						g_array_index(evidence->reports, gint64, i)));
	return TRUE;
}

static struct query_source_detail *
make_detail(struct asking *a, const struct ip *ip, GError **error)
{
	g_autoptr(query_source_detail_auto) detail = g_new0(struct query_source_detail, 1);

	detail->ip = *ip;
	detail->days = g_array_new(FALSE, TRUE, sizeof(struct query_source_day));
	detail->reporters = g_ptr_array_new_with_free_func(reporter_free);
	detail->auths = g_ptr_array_new_with_free_func(auth_free);
	detail->report_ids = g_ptr_array_new_with_free_func(g_free);
	detail->domains = g_ptr_array_new_with_free_func(query_source_free);
	if (!add_domains(a, detail, error))
		return NULL;
	add_days(a, detail);
	add_reporters(a, detail);
	return add_evidence(a, detail, error) ? g_steal_pointer(&detail) : NULL;
}

struct query_source_detail *
query_source(struct store_view *view, const struct scope *scope, const struct ip *ip,
	     GError **error)
{
	g_autoptr(source_days_auto) days = source_days_new();
	struct asking a = { .view = view, .window = scope->window, .days = days };

	if (!view_domain(view, scope->domain, &a.domain, error) ||
	    !view_last_day(view, &a.last_day, error) || !view_address(view, ip, &a.address, error))
		return NULL;
	if (a.address == 0 || a.domain < 0 ||
	    !source_days_read(view_db(view), (guint32)a.address, days, error))
		return NULL;
	a.from_day = window_first_day(scope->window, a.last_day);
	struct query_source_detail *detail = make_detail(&a, ip, error);
	if (detail && detail->domains->len == 0)
		g_clear_pointer(&detail, query_source_detail_free);
	return detail;
}
