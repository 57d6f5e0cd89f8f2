/* SPDX-License-Identifier: MIT */
#include "enrich/ip_dnsbl.h"

#include <string.h>

#include "core/error.h"
#include "enrich/fact_age.h"
#include "net/dns_name.h"

#define KEY_PREFIX "KEY."

/* RFC 5782 section 5: the one is on every list, the other on none. */
#define LISTED_ALWAYS "2.0.0.127"
#define LISTED_NEVER  "1.0.0.127"

/* RFC 5782 section 2.1: answers are in 127.0.0.0/8; operators use 127.255.255.0/24 for errors.
 * 127.0.0.1 is what resolvers answer that block names. */
#define LOOPBACK_NET  0x7f000000U
#define LOOPBACK_MASK 0xff000000U
#define ERROR_NET     0x7fffff00U
#define ERROR_MASK    0xffffff00U
#define LOOPBACK_HOST 0x7f000001U

struct zone {
	const struct blocklist_row *row; /* any of the zone */
	char *asked;                     /* what is appended to the address */
	gboolean is_unsound;
	guint may_say; /* LISTING_BIT()s */
};

struct dnsbl_zones {
	const struct blocklists *blocklists;
	GArray *zones; /* struct zone */
};

struct look_up;

struct zone_look_up {
	struct look_up *look_up;
	guint i;
};

/* One address that is being asked about. */
struct look_up {
	struct ip_dnsbl_question question;
	ip_dnsbl_fn fn;
	gpointer data;
	GArray *said;
	guint n_open;
	guint32 ttl_s;
	struct zone_look_up zones[IP_DNSBL_ZONES_MAX];
};

static const struct fact_age age = { IP_DNSBL_GOOD_MIN_S, IP_DNSBL_GOOD_MAX_S };

/* ---- the zones ---- */

static void
clear_zone(gpointer data)
{
	struct zone *zone = data;

	g_free(zone->asked);
}

struct dnsbl_zones *
dnsbl_zones_new(const struct blocklists *blocklists)
{
	struct dnsbl_zones *zones = g_new0(struct dnsbl_zones, 1);

	zones->blocklists = blocklists;
	zones->zones = g_array_new(FALSE, TRUE, sizeof(struct zone));
	g_array_set_clear_func(zones->zones, clear_zone);
	return zones;
}

void
dnsbl_zones_free(struct dnsbl_zones *zones)
{
	if (!zones)
		return;
	g_array_unref(zones->zones);
	g_free(zones);
}

static gboolean
is_label(const char *key)
{
	gsize len = strlen(key);

	return len > 0 && len <= DNS_LABEL_LEN_MAX &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
		       len;
}

static gboolean
refuse(const char *zone, const char *why, GError **error)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "block list %s: %s", zone, why);
	return FALSE;
}

gboolean
dnsbl_zone_has_key(const char *zone)
{
	return g_str_has_prefix(zone, KEY_PREFIX);
}

gboolean
dnsbl_zones_add(struct dnsbl_zones *zones, const char *zone, const char *key, GError **error)
{
	const struct blocklist_row *row = blocklists_zone(zones->blocklists, zone);
	gboolean has_place = dnsbl_zone_has_key(zone);

	if (!row)
		return refuse(zone, "it is not one that dmarcd knows", error);
	if (row->is_closed)
		return refuse(zone, *row->note ? row->note : "it was closed", error);
	if (row->is_for_domains)
		return refuse(zone, "it lists names of domains, not addresses", error);
	if (has_place && (!key || !is_label(key)))
		return refuse(zone, "it wants a key: letters, digits and \"-\"", error);
	if (zones->zones->len >= IP_DNSBL_ZONES_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "more than %d block lists",
			    IP_DNSBL_ZONES_MAX);
		return FALSE;
	}
	struct zone added = { .row = row };
	added.asked = has_place ? g_strdup_printf("%s.%s", key, zone + strlen(KEY_PREFIX))
				: g_strdup(zone);
	added.may_say = blocklists_may_say(zones->blocklists, zone);
	g_array_append_val(zones->zones, added);
	return TRUE;
}

guint
dnsbl_zones_n(const struct dnsbl_zones *zones)
{
	return zones->zones->len;
}

static const struct zone *
zone_at(const struct dnsbl_zones *zones, guint i)
{
	return &g_array_index(zones->zones, struct zone, i);
}

static struct dnsbl_said *
said_at(const GArray *said, guint i)
{
	return &g_array_index(said, struct dnsbl_said, i);
}

/* ---- do they work? ---- */

static void
on_listed_always(gpointer data, const struct dns_answer *answer)
{
	struct zone *zone = data;

	zone->is_unsound = zone->is_unsound || answer->state != DNS_FOUND;
}

static void
on_listed_never(gpointer data, const struct dns_answer *answer)
{
	struct zone *zone = data;

	zone->is_unsound = zone->is_unsound || answer->state != DNS_NONE;
}

void
dnsbl_zones_check(struct dnsbl_zones *zones, struct resolver *resolver)
{
	for (guint i = 0; i < zones->zones->len; i++) {
		struct zone *zone = &g_array_index(zones->zones, struct zone, i);
		g_autofree char *always = g_strdup_printf(LISTED_ALWAYS ".%s", zone->asked);
		g_autofree char *never = g_strdup_printf(LISTED_NEVER ".%s", zone->asked);
		zone->is_unsound = FALSE;
		resolver_ask(resolver, DNS_A, always, on_listed_always, zone);
		resolver_ask(resolver, DNS_A, never, on_listed_never, zone);
	}
}

gboolean
dnsbl_zones_is_sound(const struct dnsbl_zones *zones, guint i, const char **ret_zone)
{
	*ret_zone = zone_at(zones, i)->row->zone;
	return !zone_at(zones, i)->is_unsound;
}

/* ---- one answer ---- */

static guint32
number_of(const struct ip *ip)
{
	const guint8 *o = ip->bytes + sizeof(ip->bytes) - 4;

	return (guint32)o[0] << 24 | (guint32)o[1] << 16 | (guint32)o[2] << 8 | o[3];
}

/* FALSE: whatever else the zone says is not to be believed, either. */
static gboolean
is_believable(guint32 code)
{
	return (code & LOOPBACK_MASK) == LOOPBACK_NET && (code & ERROR_MASK) != ERROR_NET &&
	       code != LOOPBACK_HOST;
}

/* FALSE: not understood. */
static gboolean
note_code(const struct dnsbl_zones *zones, struct dnsbl_said *said, guint32 code)
{
	const struct blocklist_row *row = blocklists_find(zones->blocklists, said->zone, code);

	if (!row || row->listing == LISTING_UNKNOWN || row->listing == LISTING_ERROR)
		return FALSE;
	for (guint i = 0; i < said->n_listings; i++)
		if (said->listings[i] == row)
			return TRUE;
	if (said->n_listings == IP_DNSBL_LISTINGS_MAX)
		return FALSE;
	said->listings[said->n_listings++] = row;
	return TRUE;
}

static void
read_answer(const struct dnsbl_zones *zones, struct dnsbl_said *said,
	    const struct dns_answer *answer)
{
	said->is_known =
		answer->state == DNS_NONE || (answer->state == DNS_FOUND && answer->n_dropped == 0);
	for (guint i = 0; i < answer->records->len; i++)
		if (!is_believable(number_of(&dns_answer_record(answer, i)->ip))) {
			said->is_known = FALSE;
			return;
		}
	for (guint i = 0; i < answer->records->len; i++)
		if (!note_code(zones, said, number_of(&dns_answer_record(answer, i)->ip)))
			said->is_known = FALSE;
}

/* ---- all answers ---- */

/* What the zones say together of some kinds of listing. */
struct sum {
	GHashTable *operators; /* that list it so */
	gboolean is_certain;   /* one zone at least could, and all that could were heard */
};

static void
add_zone(struct sum *sum, const struct dnsbl_said *said, guint kinds)
{
	for (guint i = 0; i < said->n_listings; i++)
		if (LISTING_BIT(said->listings[i]->listing) & kinds)
			g_hash_table_add(sum->operators, g_strdup(said->listings[i]->operator));
}

/* kinds: LISTING_BIT()s. Caller frees operators. */
static struct sum
sum_up(const struct look_up *look_up, guint kinds)
{
	struct sum sum = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), FALSE };
	gboolean is_one_unheard = FALSE;

	for (guint i = 0; i < look_up->said->len; i++) {
		const struct dnsbl_said *said = said_at(look_up->said, i);
		add_zone(&sum, said, kinds);
		if (!(zone_at(look_up->question.zones, i)->may_say & kinds))
			continue;
		sum.is_certain = TRUE;
		is_one_unheard = is_one_unheard || !said->is_known;
	}
	sum.is_certain = sum.is_certain && !is_one_unheard;
	return sum;
}

static void
judge(const struct look_up *look_up, struct ip_dnsbl *ret_dnsbl)
{
	struct sum spam = sum_up(look_up, LISTING_BIT(LISTING_SPAM) | LISTING_BIT(LISTING_EXPLOIT));
	struct sum policy = sum_up(look_up, LISTING_BIT(LISTING_POLICY));
	guint n_spam = g_hash_table_size(spam.operators);

	ret_dnsbl->is_certain = spam.is_certain;
	ret_dnsbl->n_spam = n_spam > 0 || spam.is_certain ? n_spam : FACT_N_UNKNOWN;
	ret_dnsbl->on_policy_list = policy.is_certain ? FACT_NO : FACT_UNKNOWN;
	if (g_hash_table_size(policy.operators) > 0)
		ret_dnsbl->on_policy_list = FACT_YES;
	g_hash_table_unref(spam.operators);
	g_hash_table_unref(policy.operators);
}

static void
finish(struct look_up *look_up)
{
	struct ip_dnsbl dnsbl = { .said = look_up->said, .is_known = look_up->said->len > 0 };

	for (guint i = 0; i < look_up->said->len; i++)
		dnsbl.is_known = dnsbl.is_known && said_at(look_up->said, i)->is_known;
	judge(look_up, &dnsbl);
	dnsbl.good_until =
		fact_good_until(&age, look_up->question.now, look_up->ttl_s, dnsbl.is_known);
	look_up->fn(look_up->data, &look_up->question.ip, &dnsbl);
	g_array_unref(look_up->said);
	g_free(look_up);
}

static void
on_answer(gpointer data, const struct dns_answer *answer)
{
	const struct zone_look_up *zone = data;
	struct look_up *look_up = zone->look_up;

	if (!zone_at(look_up->question.zones, zone->i)->is_unsound)
		read_answer(look_up->question.zones, said_at(look_up->said, zone->i), answer);
	if (answer->state != DNS_FAILED)
		look_up->ttl_s = MIN(look_up->ttl_s, answer->ttl_s);
	if (--look_up->n_open == 0)
		finish(look_up);
}

void
ip_dnsbl_ask(struct resolver *resolver, const struct ip_dnsbl_question *question, ip_dnsbl_fn fn,
	     gpointer data)
{
	struct look_up *look_up = g_new0(struct look_up, 1);
	guint n = question->zones->zones->len;
	g_autoptr(GString) name = g_string_new(NULL);

	look_up->question = *question;
	look_up->fn = fn;
	look_up->data = data;
	look_up->ttl_s = IP_DNSBL_GOOD_MAX_S;
	look_up->n_open = n;
	look_up->said = g_array_new(FALSE, TRUE, sizeof(struct dnsbl_said));
	g_array_set_size(look_up->said, n);
	ip_append_reversed(&question->ip, name);
	gsize len = name->len;
	for (guint i = 0; i < n; i++) {
		const struct zone *zone = zone_at(question->zones, i);
		look_up->zones[i] = (struct zone_look_up){ look_up, i };
		*said_at(look_up->said, i) = (struct dnsbl_said){ .zone = zone->row->zone,
								  .operator= zone->row->operator, };
		g_string_truncate(name, len);
		g_string_append_printf(name, ".%s", zone->asked);
		resolver_ask(resolver, DNS_A, name->str, on_answer, &look_up->zones[i]);
	}
	if (n == 0)
		finish(look_up);
}
