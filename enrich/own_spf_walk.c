/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "enrich/fact_age.h"
#include "enrich/own_spf.h"
#include "enrich/spf_record.h"

/* A record that is being walked; includes lie on each other. */
struct frame {
	char *domain;
	struct spf_record record;
	guint next; /* term; behind them all comes the redirect */
	gboolean is_pass;
};

struct walk {
	struct resolver *resolver;
	struct own_spf_question question; /* its domain is that of the first frame */
	char *domain;
	own_spf_fn fn;
	gpointer data;
	struct own_spf *spf;
	GPtrArray *frames; /* struct frame *, the last one is walked */
	GHashTable *seen;  /* domains, as keys */
	guint n_look_ups;
	guint32 ttl_s;

	/* What is being asked for. */
	struct frame *coming; /* its record */
	struct spf_term term; /* a and mx: whose addresses */
	gboolean is_pass;
	guint n_open; /* questions about addresses */
};

static const struct fact_age age = { OWN_SPF_GOOD_MIN_S, OWN_SPF_GOOD_MAX_S };

static void step(struct walk *walk);

/* ---- frames ---- */

static struct frame *
frame_new(const char *domain, gboolean is_pass)
{
	struct frame *frame = g_new0(struct frame, 1);

	frame->domain = g_strdup(domain);
	frame->is_pass = is_pass;
	return frame;
}

static void
frame_free(gpointer data)
{
	struct frame *frame = data;

	spf_record_clear(&frame->record);
	g_free(frame->domain);
	g_free(frame);
}

static struct frame *
top_frame(const struct walk *walk)
{
	return walk->frames->len > 0 ? g_ptr_array_index(walk->frames, walk->frames->len - 1)
				     : NULL;
}

static gboolean
is_being_walked(const struct walk *walk, const char *domain)
{
	for (guint i = 0; i < walk->frames->len; i++) {
		const struct frame *frame = g_ptr_array_index(walk->frames, i);
		if (g_str_equal(frame->domain, domain))
			return TRUE;
	}
	return FALSE;
}

/* ---- the set ---- */

static void
finish(struct walk *walk)
{
	struct own_spf *spf = walk->spf;

	spf->is_known = !(spf->notes & OWN_SPF_LOOK_UP_FAILED);
	spf->good_until = fact_good_until(&age, walk->question.now, walk->ttl_s, spf->is_known);
	walk->fn(walk->data, walk->domain, spf);
	g_ptr_array_unref(walk->frames);
	g_hash_table_unref(walk->seen);
	g_free(walk->domain);
	g_free(walk);
}

static void
note_ttl(struct walk *walk, const struct dns_answer *answer)
{
	if (answer->state != DNS_FAILED)
		walk->ttl_s = MIN(walk->ttl_s, answer->ttl_s);
}

/* A term counts only where "+" stands all the way to it. */
static void
add_network(struct walk *walk, const struct ip *ip, const struct spf_term *term, gboolean is_pass)
{
	gboolean is_v4 = ip_is_v4(ip);
	struct own_spf_network network = {
		.ip = *ip,
		.bits = is_v4 ? term->v4_bits + IP_V4_BITS_BEFORE : term->v6_bits,
	};

	if (is_pass &&
	    (is_v4 ? term->v4_bits < OWN_SPF_V4_BITS_MIN : term->v6_bits < OWN_SPF_V6_BITS_MIN))
		walk->spf->notes |= OWN_SPF_IS_WIDE;
	else if (walk->spf->networks->len + walk->spf->refused->len >= OWN_SPF_NETWORKS_MAX)
		walk->spf->notes |= OWN_SPF_MANY_NETWORKS;
	else
		g_array_append_val(is_pass ? walk->spf->networks : walk->spf->refused, network);
}

/* ---- a, mx ---- */

static void
close_question(struct walk *walk)
{
	if (--walk->n_open == 0)
		step(walk);
}

static void
on_address(gpointer data, const struct dns_answer *answer)
{
	struct walk *walk = data;

	note_ttl(walk, answer);
	if (answer->state == DNS_FAILED)
		walk->spf->notes |= OWN_SPF_LOOK_UP_FAILED;
	for (guint i = 0; i < answer->records->len; i++)
		add_network(walk, &dns_answer_record(answer, i)->ip, &walk->term, walk->is_pass);
	close_question(walk);
}

static void
ask_addresses(struct walk *walk, const char *host)
{
	walk->n_open += 2;
	resolver_ask(walk->resolver, DNS_A, host, on_address, walk);
	resolver_ask(walk->resolver, DNS_AAAA, host, on_address, walk);
}

static void
on_mx(gpointer data, const struct dns_answer *answer)
{
	struct walk *walk = data;

	note_ttl(walk, answer);
	if (answer->state == DNS_FAILED)
		walk->spf->notes |= OWN_SPF_LOOK_UP_FAILED;
	if (answer->records->len > OWN_SPF_MX_HOSTS_MAX)
		walk->spf->notes |= OWN_SPF_MANY_LOOK_UPS;
	for (guint i = 0; i < MIN(answer->records->len, OWN_SPF_MX_HOSTS_MAX); i++)
		ask_addresses(walk, dns_answer_record(answer, i)->text);
	close_question(walk);
}

/* ---- records ---- */

/* The one SPF record in answer; NULL where there is none, or notes it as invalid. */
static const char *
find_record(struct walk *walk, const struct dns_answer *answer)
{
	const char *found = NULL;

	for (guint i = 0; i < answer->records->len; i++) {
		const struct dns_record *record = dns_answer_record(answer, i);
		if (!spf_record_is(record->text))
			continue;
		if (found || record->is_cut) {
			walk->spf->notes |= OWN_SPF_IS_INVALID;
			return NULL;
		}
		found = record->text;
	}
	/* It may be among those that were dropped. */
	if (!found && answer->n_dropped > 0)
		walk->spf->notes |= OWN_SPF_LOOK_UP_FAILED;
	return found;
}

/* Section 5.2: an include, or a redirect, to nothing is an error. */
static void
note_absence(struct walk *walk, gboolean is_first)
{
	if (!is_first)
		walk->spf->notes |= OWN_SPF_IS_INVALID;
	else if (!(walk->spf->notes & (OWN_SPF_IS_INVALID | OWN_SPF_LOOK_UP_FAILED)))
		walk->spf->state = OWN_SPF_NONE;
}

static void
on_record(gpointer data, const struct dns_answer *answer)
{
	struct walk *walk = data;
	struct frame *frame = g_steal_pointer(&walk->coming);
	gboolean is_first = walk->frames->len == 0;

	note_ttl(walk, answer);
	const char *text = find_record(walk, answer);
	if (answer->state == DNS_FAILED) {
		walk->spf->notes |= OWN_SPF_LOOK_UP_FAILED;
	} else if (!text) {
		note_absence(walk, is_first);
	} else if (!spf_record_read(text, &frame->record, NULL)) {
		walk->spf->notes |= OWN_SPF_IS_INVALID;
	} else {
		g_ptr_array_add(walk->frames, g_steal_pointer(&frame));
		walk->spf->state = OWN_SPF_KNOWN;
	}
	if (frame)
		frame_free(frame);
	step(walk);
}

/* Returns whether a question was put. */
static gboolean
enter(struct walk *walk, const char *domain, gboolean is_pass)
{
	const struct own_spf_question *question = &walk->question;

	if (walk->frames->len > 0 && question->is_service &&
	    question->is_service(question->is_service_data, domain)) {
		if (is_pass)
			g_ptr_array_add(walk->spf->services, g_strdup(domain));
		return FALSE;
	}
	if (is_being_walked(walk, domain)) {
		walk->spf->notes |= OWN_SPF_LOOPS;
		return FALSE;
	}
	g_autofree char *key = g_strdup_printf("%c%s", is_pass ? '+' : '-', domain);
	if (!g_hash_table_add(walk->seen, g_steal_pointer(&key)))
		return FALSE;
	walk->coming = frame_new(domain, is_pass);
	resolver_ask(walk->resolver, DNS_TXT, domain, on_record, walk);
	return TRUE;
}

/* ---- terms ---- */

/* Each returns whether a question was put, and takes whose record it is. */
typedef gboolean (*term_fn)(struct walk *walk, const struct frame *frame,
			    const struct spf_term *term);

static gboolean
take_all(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	if (frame->is_pass && term->is_pass)
		walk->spf->notes |= OWN_SPF_IS_WIDE;
	return FALSE;
}

static gboolean
take_include(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	return enter(walk, term->domain, frame->is_pass && term->is_pass);
}

static gboolean
take_ip(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	/* "ip6" with a mapped address matches nothing that ever connects. */
	if (ip_is_v4(&term->ip) == (term->kind == SPF_IP4))
		add_network(walk, &term->ip, term, frame->is_pass && term->is_pass);
	return FALSE;
}

static gboolean
take_hosts(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	const char *domain = *term->domain ? term->domain : frame->domain;

	walk->term = *term;
	walk->is_pass = frame->is_pass && term->is_pass;
	if (term->kind == SPF_A) {
		ask_addresses(walk, domain);
	} else {
		walk->n_open++;
		resolver_ask(walk->resolver, DNS_MX, domain, on_mx, walk);
	}
	return TRUE;
}

static gboolean
take_exists(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	(void)frame;
	(void)term;
	walk->spf->notes |= OWN_SPF_HAS_EXISTS;
	return FALSE;
}

static gboolean
take_ptr(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	(void)frame;
	(void)term;
	walk->spf->notes |= OWN_SPF_HAS_PTR;
	return FALSE;
}

static const struct {
	term_fn take;
	gboolean counts; /* as a look-up, section 4.6.4 */
} takers[] = {
	[SPF_ALL] = { take_all, FALSE },         [SPF_INCLUDE] = { take_include, TRUE },
	[SPF_A] = { take_hosts, TRUE },          [SPF_MX] = { take_hosts, TRUE },
	[SPF_PTR] = { take_ptr, TRUE },          [SPF_IP4] = { take_ip, FALSE },
	[SPF_IP6] = { take_ip, FALSE },          [SPF_EXISTS] = { take_exists, TRUE },
	[SPF_REDIRECT] = { take_include, TRUE },
};

static gboolean
take(struct walk *walk, const struct frame *frame, const struct spf_term *term)
{
	if (term->has_macro)
		walk->spf->notes |= OWN_SPF_HAS_MACRO;
	if (term->has_macro && term->kind != SPF_EXISTS)
		return FALSE;
	return takers[term->kind].take(walk, frame, term);
}

/* The next of the record, the redirect last; NULL = no more. */
static const struct spf_term *
next_term(struct frame *frame)
{
	guint i = frame->next++;
	guint n = frame->record.terms->len;

	if (i < n)
		return &g_array_index(frame->record.terms, struct spf_term, i);
	return i == n && *frame->record.redirect.domain ? &frame->record.redirect : NULL;
}

/* Go on until something has to be asked, or nothing is left. */
static void
step(struct walk *walk)
{
	struct frame *frame;

	while ((frame = top_frame(walk))) {
		const struct spf_term *term = next_term(frame);
		if (!term) {
			g_ptr_array_set_size(walk->frames, (int)walk->frames->len - 1);
			continue;
		}
		if (takers[term->kind].counts && ++walk->n_look_ups > OWN_SPF_LOOK_UPS_MAX) {
			walk->spf->notes |= OWN_SPF_MANY_LOOK_UPS;
			break;
		}
		if (take(walk, frame, term))
			return;
	}
	finish(walk);
}

void
own_spf_ask(struct resolver *resolver, const struct own_spf_question *question, own_spf_fn fn,
	    gpointer data)
{
	struct walk *walk = g_new0(struct walk, 1);
	struct own_spf *spf = g_new0(struct own_spf, 1);

	spf->networks = g_array_new(FALSE, FALSE, sizeof(struct own_spf_network));
	spf->refused = g_array_new(FALSE, FALSE, sizeof(struct own_spf_network));
	spf->services = g_ptr_array_new_with_free_func(g_free);
	walk->resolver = resolver;
	walk->domain = g_ascii_strdown(question->domain, -1);
	walk->question = *question;
	walk->question.domain = walk->domain;
	walk->fn = fn;
	walk->data = data;
	walk->spf = spf;
	walk->frames = g_ptr_array_new_with_free_func(frame_free);
	walk->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	walk->ttl_s = OWN_SPF_GOOD_MAX_S;
	enter(walk, walk->domain, TRUE);
}
