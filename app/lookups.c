/* SPDX-License-Identifier: MIT */
#include "app/lookups.h"

#include "core/log.h"
#include "core/metrics.h"
#include "ingest/back_off.h"

#define HOUR_US (G_USEC_PER_SEC * (gint64)3600)
/* How often to look whether there is something new. */
#define IDLE_US (G_USEC_PER_SEC * (gint64)300)
/* With fewer questions left a round is not begun: it would end amidst its first addresses. */
#define BUDGET_LEFT_MIN 32

struct lookups {
	struct lookup_hooks hooks;
	struct blocklists *blocklists;
	GThread *thread;
	GCancellable *cancel;

	GMutex lock; /* of what follows */
	GCond changed;
	struct lookup_options options;
	gboolean has_new_options;
	struct lookups_status status;
};

/* What the thread alone knows. */
struct work {
	struct lookups *lookups;
	struct lookup_options options;
	struct dnsbl_zones *zones; /* NULL = none, or they are to be read anew */
	gint64 hour_end_at;        /* monotonic */
	gint64 n_asked;            /* in this hour */
	struct back_off back_off;
};

/* ---- what others see ---- */

static void
set_why(struct work *work, const char *why)
{
	struct lookups *lookups = work->lookups;

	g_mutex_lock(&lookups->lock);
	g_strlcpy(lookups->status.why, why, sizeof(lookups->status.why));
	g_mutex_unlock(&lookups->lock);
	metrics_set(METRIC_LOOKUPS_FAILING, *why ? 1 : 0);
}

/* ---- waiting ---- */

/* Until options are new, at most so long. FALSE: stop. */
static gboolean
wait_for_news(struct work *work, gint64 us)
{
	struct lookups *lookups = work->lookups;
	gint64 until = g_get_monotonic_time() + us;

	g_mutex_lock(&lookups->lock);
	while (!g_cancellable_is_cancelled(lookups->cancel) && !lookups->has_new_options &&
	       g_cond_wait_until(&lookups->changed, &lookups->lock, until))
		continue;
	g_mutex_unlock(&lookups->lock);
	return !g_cancellable_is_cancelled(lookups->cancel);
}

static void
take_options(struct work *work)
{
	struct lookups *lookups = work->lookups;

	g_mutex_lock(&lookups->lock);
	gboolean is_new = lookups->has_new_options;
	if (is_new) {
		lookup_options_clear(&work->options);
		lookup_options_copy(&lookups->options, &work->options);
	}
	lookups->has_new_options = FALSE;
	lookups->status.is_enabled = work->options.is_enabled;
	g_mutex_unlock(&lookups->lock);
	metrics_set(METRIC_LOOKUPS_ENABLED, work->options.is_enabled);
	if (is_new) {
		g_clear_pointer(&work->zones, dnsbl_zones_free);
		back_off_reset(&work->back_off);
		set_why(work, "");
	}
}

/* ---- the budget ---- */

static gint64
budget_left(struct work *work)
{
	gint64 now = g_get_monotonic_time();

	if (now >= work->hour_end_at) {
		work->hour_end_at = now + HOUR_US;
		work->n_asked = 0;
		/* Keys may be new, and lists may have come back. */
		g_clear_pointer(&work->zones, dnsbl_zones_free);
	}
	return work->options.budget - work->n_asked;
}

static void
count(struct work *work, const struct resolver *resolver, guint n_facts)
{
	struct lookups *lookups = work->lookups;
	guint n_asked = resolver_n_asked(resolver);

	work->n_asked += n_asked;
	g_mutex_lock(&lookups->lock);
	lookups->status.n_asked += n_asked;
	lookups->status.n_facts += n_facts;
	lookups->status.tried_at = g_get_real_time() / G_USEC_PER_SEC;
	g_mutex_unlock(&lookups->lock);
	metrics_add(METRIC_LOOKUPS_ASKED, n_asked);
	metrics_add(METRIC_LOOKUPS_FACTS, n_facts);
	metrics_set(METRIC_LOOKUPS_LAST, g_get_real_time() / G_USEC_PER_SEC);
}

/* ---- one round ---- */

static struct resolver *
make_resolver(struct work *work, guint budget, GError **error)
{
	struct resolver_options options = resolver_default_options;

	options.servers = (const char *const *)work->options.servers;
	options.timeout_ms = (guint)work->options.timeout_ms;
	options.budget = budget;
	return resolver_new(&options, error);
}

static void
warn_of_zones(const struct dnsbl_zones *zones)
{
	for (guint i = 0; i < dnsbl_zones_n(zones); i++) {
		const char *zone;
		if (!dnsbl_zones_is_sound(zones, i, &zone))
			log_event(LOG_WARNING, "block list fails its test, what it says is unknown",
				  "list", zone, NULL);
	}
}

/* Once an hour. FALSE: the resolver does not answer. */
static gboolean
ready_zones(struct work *work, guint budget, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (work->zones || !*work->options.blocklists)
		return TRUE;
	work->zones = lookup_options_zones(&work->options, work->lookups->blocklists, &why);
	if (!work->zones) {
		log_event(LOG_ERROR, "block lists cannot be asked", "error", why->message, NULL);
		work->zones = dnsbl_zones_new(work->lookups->blocklists);
		return TRUE;
	}
	g_autoptr(resolver_auto) resolver = make_resolver(work, budget, error);
	if (!resolver)
		return FALSE;
	dnsbl_zones_check(work->zones, resolver);
	gboolean is_done = resolver_run(resolver, work->lookups->cancel, error);
	count(work, resolver, 0);
	if (is_done)
		warn_of_zones(work->zones);
	else
		g_clear_pointer(&work->zones, dnsbl_zones_free);
	return is_done;
}

static gboolean
ask(struct work *work, struct lookup_round *round, GError **error)
{
	struct lookups *lookups = work->lookups;
	guint budget = (guint)budget_left(work);
	g_autoptr(resolver_auto) resolver = make_resolver(work, budget, error);

	if (!resolver)
		return FALSE;
	const struct lookup_means means = {
		.resolver = resolver,
		.zones = work->zones,
		.is_service = lookups->hooks.is_service,
		.is_service_data = lookups->hooks.data,
		.budget = budget,
		.cancel = lookups->cancel,
	};
	gboolean is_done = lookup_round_ask(round, &means, error);
	guint n_facts = lookup_round_n_facts(round);
	count(work, resolver, n_facts);
	if (n_facts > 0 &&
	    !lookups->hooks.store(lookups->hooks.data, round, is_done ? error : NULL))
		return FALSE;
	return is_done;
}

static gboolean
is_empty(const struct lookup_round *round)
{
	return round->addresses->len == 0 && round->domains->len == 0;
}

/* Ask for what is wanted; *ret_wait_us is how long to rest then. */
static gboolean
do_round(struct work *work, gint64 *ret_wait_us, GError **error)
{
	struct lookups *lookups = work->lookups;
	gint64 left = budget_left(work);

	*ret_wait_us = IDLE_US;
	if (left < MIN(BUDGET_LEFT_MIN, work->options.budget)) {
		*ret_wait_us = work->hour_end_at - g_get_monotonic_time();
		return TRUE;
	}
	g_autoptr(lookup_round_auto) round = lookup_round_new(g_get_real_time() / G_USEC_PER_SEC);
	round->does_rdns = work->options.want_rdns;
	round->does_own_spf = work->options.want_own_spf;
	round->does_org_domain = work->options.want_org_domain;
	round->does_dnsbl = *work->options.blocklists != NULL;
	lookups->hooks.next(lookups->hooks.data, round);
	if (is_empty(round))
		return TRUE;
	if (!ready_zones(work, (guint)left, error) || !ask(work, round, error))
		return FALSE;
	/* A round that found nothing out is not repeated at once. */
	if (lookup_round_n_facts(round) > 0)
		*ret_wait_us = 0;
	return TRUE;
}

/* How long to rest before the next try, and say why. */
static gint64
fail(struct work *work, const GError *error)
{
	gint64 wait_ms;

	back_off_next(&work->back_off, error, &wait_ms);
	set_why(work, error->message);
	if (!g_cancellable_is_cancelled(work->lookups->cancel))
		log_event(LOG_WARNING, "look-ups pause", "error", error->message, NULL);
	return wait_ms * 1000;
}

static gpointer
run(gpointer data)
{
	struct work work = { .lookups = data };
	gint64 wait_us = 0;

	do {
		g_autoptr(GError) error = NULL;
		take_options(&work);
		wait_us = IDLE_US;
		if (!work.options.is_enabled)
			continue;
		if (do_round(&work, &wait_us, &error)) {
			back_off_reset(&work.back_off);
			set_why(&work, "");
		} else {
			wait_us = fail(&work, error);
		}
	} while (wait_for_news(&work, wait_us));
	dnsbl_zones_free(work.zones);
	lookup_options_clear(&work.options);
	return NULL;
}

/* ---- from other threads ---- */

struct lookups *
lookups_start(const struct lookup_options *options, const struct lookup_hooks *hooks)
{
	struct lookups *lookups = g_new0(struct lookups, 1);

	lookups->hooks = *hooks;
	lookups->blocklists = blocklists_new_builtin();
	lookups->cancel = g_cancellable_new();
	lookups->has_new_options = TRUE;
	lookup_options_copy(options, &lookups->options);
	lookups->status.is_enabled = options->is_enabled;
	g_mutex_init(&lookups->lock);
	g_cond_init(&lookups->changed);
	lookups->thread = g_thread_new("lookups", run, lookups);
	return lookups;
}

void
lookups_set_options(struct lookups *lookups, const struct lookup_options *options)
{
	g_mutex_lock(&lookups->lock);
	lookup_options_clear(&lookups->options);
	lookup_options_copy(options, &lookups->options);
	lookups->has_new_options = TRUE;
	g_cond_broadcast(&lookups->changed);
	g_mutex_unlock(&lookups->lock);
}

struct lookups_status
lookups_get_status(struct lookups *lookups)
{
	g_mutex_lock(&lookups->lock);
	struct lookups_status status = lookups->status;
	g_mutex_unlock(&lookups->lock);
	return status;
}

void
lookups_stop(struct lookups *lookups)
{
	if (!lookups)
		return;
	g_mutex_lock(&lookups->lock);
	g_cancellable_cancel(lookups->cancel);
	g_cond_broadcast(&lookups->changed);
	g_mutex_unlock(&lookups->lock);
	g_thread_join(lookups->thread);
	blocklists_free(lookups->blocklists);
	lookup_options_clear(&lookups->options);
	g_object_unref(lookups->cancel);
	g_mutex_clear(&lookups->lock);
	g_cond_clear(&lookups->changed);
	g_free(lookups);
}
