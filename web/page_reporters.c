/* SPDX-License-Identifier: MIT */
/* Who sends reports: how late, how steadily, whether they count, and what is odd about them. */
#include "core/error.h"
#include "core/text.h"
#include "store/query_reporters.h"
#include "web/figures.h"
#include "web/filter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

#define MINUTE_S 60
#define HOUR_S   3600
#define DAY_S    86400

/* A name with a slash cannot stand in a path: it is asked for by number. */
#define NUMBER_PREFIX "~"
/* So many kinds of faults a row of the list has place for. */
#define FAULTS_SHOWN 2

/* --- What lists and page have in common --- */

/* "9 hours": the largest unit of which there are two. */
static char *
span_text(gint64 seconds)
{
	if (seconds >= 2 * DAY_S)
		return say_text("count.days", word_count("n", seconds / DAY_S));
	if (seconds >= 2 * HOUR_S)
		return say_text("reporters.hours", word_count("n", seconds / HOUR_S));
	return say_text("reporters.minutes", word_count("n", seconds / MINUTE_S));
}

static char *
address_of(const struct query_reporter *reporter)
{
	if (*reporter->reporter && !strchr(reporter->reporter, '/'))
		return tree_address("/reporters/", reporter->reporter);
	return g_strdup_printf("/reporters/" NUMBER_PREFIX "%" G_GINT64_FORMAT, reporter->id);
}

static void
append(GString *list, const char *separator, const char *part)
{
	if (list->len > 0)
		g_string_append(list, separator);
	g_string_append(list, part);
}

/* overrides and faults as "word:count", for HTML _overrides and _faults as words. */
static void
fill_oddities(json_t *object, const struct query_reporter *reporter)
{
	g_autoptr(GString) counts = g_string_new(NULL);
	g_autoptr(GString) words = g_string_new(NULL);
	g_autoptr(GString) faults = g_string_new(NULL);
	g_autoptr(GString) codes = g_string_new(NULL);

	for (enum override kind = OVERRIDE_OTHER; kind < N_OVERRIDES; kind++) {
		if (reporter->overrides[kind] == 0)
			continue;
		g_autofree char *part = g_strdup_printf("%s:%" G_GINT64_FORMAT, override_name(kind),
							reporter->overrides[kind]);
		append(counts, ";", part);
		append(words, ", ", override_name(kind));
	}
	for (guint i = 0; i < reporter->faults->len; i++) {
		const struct query_fault *fault = g_ptr_array_index(reporter->faults, i);
		g_autofree char *part =
			g_strdup_printf("%s:%" G_GINT64_FORMAT, fault->code, fault->warnings);
		append(faults, ";", part);
		if (i < FAULTS_SHOWN)
			append(codes, ", ", fault->code);
	}
	if (reporter->faults->len > FAULTS_SHOWN)
		append(codes, ", ", "…");
	tree_list(object, "overrides", counts->str);
	tree_list(object, "faults", faults->str);
	tree_text(object, "_overrides", words->str);
	tree_text(object, "_faults", codes->str);
}

/* Of how many mails somebody trusted said what they are. */
static void
fill_mails(json_t *object, const struct query_reporter *reporter)
{
	gint64 yes = reporter->by_mail[AUTHENTICATED_YES];
	gint64 no = reporter->by_mail[AUTHENTICATED_NO];

	tree_count(object, "authenticated_reports", yes);
	tree_count(object, "unauthenticated_reports", no);
	tree_count(object, "unknown_reports", reporter->by_mail[AUTHENTICATED_UNKNOWN]);
	tree_count(object, "counted_reports", reporter->counted);
	tree_take(object, "_authenticated",
		  yes + no == 0 ? g_strdup(words_get("reporters.not_known"))
				: figures_share(yes, yes + no));
	tree_take(object, "_counted", figures_share(reporter->counted, reporter->reports_ever));
}

static void
fill_reporter(json_t *object, const struct query_reporter *reporter, gint64 near)
{
	tree_text(object, "reporter", reporter->reporter);
	tree_long(object, reporter->reporter);
	tree_count(object, "reports", reporter->reports);
	tree_count(object, "messages", reporter->messages);
	json_object_set_new(object, "usual_delay_s", json_null());
	if (reporter->delay_s >= 0) {
		tree_count(object, "usual_delay_s", reporter->delay_s);
		tree_take(object, "_delay", span_text(reporter->delay_s));
	}
	json_object_set_new(object, "usual_gap_days", json_null());
	if (reporter->gap > 0)
		tree_count(object, "usual_gap_days", reporter->gap);
	tree_day(object, "first_day", reporter->first_day);
	json_object_set_new(object, "last_day", json_null());
	json_object_set_new(object, "silent_days", json_null());
	if (reporter->last_day > 0) {
		tree_day(object, "last_day", reporter->last_day);
		tree_count(object, "silent_days", reporter->silent_days);
		tree_take(object, "_last", figures_short_day(reporter->last_day, near));
	}
	tree_flag(object, "is_silent", reporter->is_silent);
	if (reporter->is_silent)
		tree_take(object, "_silent",
			  say_text("reporters.silent_for", word_count("n", reporter->silent_days)));
	fill_mails(object, reporter);
	fill_oddities(object, reporter);
}

/* --- The list --- */

static gboolean
fill_counts(const struct filter *filter, struct page *page, GError **error)
{
	struct query_reporter_counts counts;

	if (!query_reporter_counts(page->view, filter->scope.window, &counts, error))
		return FALSE;
	g_autofree char *silent =
		say_text("reporters.heading_silent", word_count("n", counts.silent));
	tree_count(page->root, "reporters", counts.reporters);
	tree_count(page->root, "silent", counts.silent);
	tree_flag(page->root, "any_counted", counts.is_any_counted);
	tree_take(page->root, "_heading",
		  filter->bounds.reports == 0
			  ? g_strdup(words_get("empty.heading"))
			  : say_text("reporters.heading", word_count("n", counts.reporters),
				     word_text("silent", counts.silent > 0 ? silent : "")));
	return TRUE;
}

static gboolean
get_reporters(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };

	page_begin(page, words_get("reporters.title"));
	if (!filter_read(&filter, page, FILTER_PERIOD, error) ||
	    !filter_fill(&filter, page, error) || !fill_counts(&filter, page, error))
		return FALSE;
	g_autoptr(query_page_auto) rows =
		query_reporters(page->view, filter.scope.window, filter.after, page->limit, error);
	if (!rows)
		return FALSE;

	json_t *data = json_array();
	for (guint i = 0; i < rows->rows->len; i++) {
		const struct query_reporter *reporter = g_ptr_array_index(rows->rows, i);
		json_t *row = json_object();
		g_autofree char *address = address_of(reporter);
		fill_reporter(row, reporter, filter.bounds.last_day);
		tree_take(row, "_href", filter_link(&filter, address, NULL, NULL));
		json_array_append_new(data, row);
	}
	page_add_list(page, data, rows->next);
	return TRUE;
}

/* --- One of them --- */

static const char *const reasons[N_VOICE_REASONS] = {
	[VOICE_UNKNOWN] = "unknown", [VOICE_UNAUTHENTICATED] = "unauthenticated",
	[VOICE_FRESH] = "fresh",     [VOICE_FILE] = "file",
	[VOICE_KNOWN] = "known",     [VOICE_APPROVED] = "approved",
	[VOICE_LASTING] = "lasting",
};

static json_t *
make_party(const struct page *page, const struct query_party *party, const char *here)
{
	json_t *row = json_object();
	g_autofree char *key = g_strconcat("reporters.why_", reasons[party->reason], NULL);
	gboolean is_mail = party->authenticated == AUTHENTICATED_YES;

	tree_text(row, "authenticated", authenticated_name(party->authenticated));
	tree_text(row, "auth_domain", party->auth_domain);
	tree_text(row, "from", page_shows_samples(page) ? party->from : NULL);
	tree_text(row, "voice", party->voice);
	tree_text(row, "reason", reasons[party->reason]);
	tree_flag(row, "is_counted", party->is_counted);
	tree_flag(row, "is_approved", party->is_approved);
	tree_count(row, "reports", party->reports);
	tree_instant(row, "first_authenticated", party->first_at);
	tree_instant(row, "last_authenticated", party->last_at);
	tree_text(row, "_reason", words_get(key));
	tree_text(row, "_sender",
		  *party->auth_domain ? party->auth_domain : words_get("reporters.not_known"));
	tree_text(row, "_counts",
		  words_get(party->is_counted ? "reporters.counts" : "reporters.counts_not"));
	tree_flag(row, "_may_approve", is_mail && !party->is_counted && *party->voice);
	tree_flag(row, "_may_withdraw", is_mail && party->is_approved);
	tree_text(row, "_action", here);
	return row;
}

static void
fill_days(struct page *page, const struct query_reporter_detail *detail)
{
	json_t *data = json_array();

	for (guint i = 0; i < detail->days->len; i++) {
		const struct query_reporter_day *day =
			&g_array_index(detail->days, struct query_reporter_day, i);
		json_t *row = json_object();
		tree_day(row, "day", day->day);
		tree_count(row, "reports", day->reports);
		tree_count(row, "messages", day->messages);
		json_array_append_new(data, row);
	}
	page_add_list(page, data, NULL);
}

static void
fill_lists(struct page *page, const struct query_reporter_detail *detail, const char *here)
{
	const struct query_reporter *reporter = detail->reporter;
	json_t *parties = json_array();
	json_t *overrides = json_array();
	json_t *faults = json_array();

	for (guint i = 0; i < detail->parties->len; i++)
		json_array_append_new(
			parties, make_party(page, g_ptr_array_index(detail->parties, i), here));
	for (enum override kind = OVERRIDE_OTHER; kind < N_OVERRIDES; kind++)
		if (reporter->overrides[kind] > 0)
			json_array_append_new(overrides,
					      json_pack("{s:s, s:I}", "override",
							override_name(kind), "messages",
							(json_int_t)reporter->overrides[kind]));
	for (guint i = 0; i < reporter->faults->len; i++) {
		const struct query_fault *fault = g_ptr_array_index(reporter->faults, i);
		json_array_append_new(faults, json_pack("{s:s, s:I}", "code", fault->code,
							"warnings", (json_int_t)fault->warnings));
	}
	tree_flag(page->root, "_has_overrides", json_array_size(overrides) > 0);
	tree_flag(page->root, "_has_faults", json_array_size(faults) > 0);
	json_object_set_new(page->root, "mails", parties);
	json_object_set_new(page->root, "override_list", overrides);
	json_object_set_new(page->root, "fault_list", faults);
}

static struct query_reporter_detail *
find_reporter(const struct page *page, enum window window, GError **error)
{
	guint64 id;

	if (g_str_has_prefix(page->tail, NUMBER_PREFIX) &&
	    g_ascii_string_to_unsigned(page->tail + strlen(NUMBER_PREFIX), 10, 1, G_MAXINT64, &id,
				       NULL))
		return query_reporter_by_id(page->view, window, (gint64)id, error);
	return query_reporter(page->view, window, page->tail, error);
}

static void
fill_detail(const struct filter *filter, struct page *page,
	    const struct query_reporter_detail *detail)
{
	const struct query_reporter *reporter = detail->reporter;
	g_autofree char *here = address_of(reporter);
	g_autofree char *reports = say_text("count.reports", word_count("n", reporter->reports));

	fill_reporter(page->root, reporter, filter->bounds.last_day);
	fill_days(page, detail);
	fill_lists(page, detail, here);
	tree_take(page->root, "_heading",
		  say_text("reporters.heading_one", word_text("reporter", reporter->reporter),
			   word_text("reports", reports)));
	tree_take(page->root, "_reports_href",
		  filter_link(filter, "/reports", "reporter", reporter->reporter));
	tree_text(page->root, "_title", reporter->reporter);
	tree_text(page->root, "_path", here);
}

static gboolean
get_reporter(struct page *page, GError **error)
{
	g_auto(filter_auto) filter = { 0 };
	GError *question_error = NULL;

	page_begin(page, page->tail);
	if (!filter_read(&filter, page, FILTER_PERIOD, error) || !filter_fill(&filter, page, error))
		return FALSE;
	g_autoptr(query_reporter_detail_auto) detail =
		find_reporter(page, filter.scope.window, &question_error);
	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!detail) {
		g_autofree char *sentence =
			say_text("reporters.absent", word_text("reporter", page->tail));
		return page_absent(page, sentence);
	}
	fill_detail(&filter, page, detail);
	return TRUE;
}

/* A user vouches for whom these mails are from, or no longer; what follows is there at once. */
static gboolean
post_reporter(struct page *page, GError **error)
{
	const char *voice = request_field(page->request, "voice");
	const char *approve = request_field(page->request, "approve");

	if (!voice || !approve) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    words_get("reporters.no_voice"));
		return FALSE;
	}
	if (!store_edit_voice(page->context->store, voice, g_str_equal(approve, "yes"), error) ||
	    !store_flush(page->context->store, error))
		return FALSE;
	page->location = tree_address("/reporters/", page->tail);
	return TRUE;
}

static const char *const reporters_columns[] = {
	"reporter",
	"reports",
	"messages",
	"usual_delay_s",
	"usual_gap_days",
	"first_day",
	"last_day",
	"silent_days",
	"is_silent",
	"authenticated_reports",
	"unauthenticated_reports",
	"unknown_reports",
	"counted_reports",
	"overrides",
	"faults",
	NULL,
};

static const char *const reporter_columns[] = { "day", "reports", "messages", NULL };

const struct page_route page_reporters = {
	.path = "/reporters",
	.menu = "reporters",
	.template = "reporters",
	.get = get_reporters,
	.csv = reporters_columns,
	.file_name = "reporters",
};

const struct page_route page_reporter = {
	.path = "/reporters/*",
	.menu = "reporters",
	.template = "reporter",
	.get = get_reporter,
	.post = post_reporter,
	.post_right = RIGHT_OPERATOR,
	.csv = reporter_columns,
	.file_name = "reporter",
};
