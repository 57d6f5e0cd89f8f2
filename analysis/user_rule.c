/* SPDX-License-Identifier: MIT */
#include "analysis/user_rule.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"

#define DOMAINKEY "._domainkey."
/* Of what a user typed, in an error. */
#define SHOWN_LEN_MAX 100

static const char *const kind_names[N_RULE_KINDS] = {
	[RULE_KIND_IP] = "ip",         [RULE_KIND_CIDR] = "cidr",         [RULE_KIND_RDNS] = "rdns",
	[RULE_KIND_SPF] = "spf",       [RULE_KIND_SELECTOR] = "selector", [RULE_KIND_ASN] = "asn",
	[RULE_KIND_SENDER] = "sender",
};

static const char *const class_names[N_RULE_CLASSES] = {
	[RULE_CLASS_MINE] = "mine",           [RULE_CLASS_FIX] = "mine-fix",
	[RULE_CLASS_FORWARDER] = "forwarder", [RULE_CLASS_IGNORE] = "ignore",
	[RULE_CLASS_SPOOF] = "spoof",
};

/* --- Reading --- */

static gboolean
read_ip(struct user_rule *rule, const char *text)
{
	return ip_parse(text, &rule->ip);
}

static gboolean
read_cidr(struct user_rule *rule, const char *text)
{
	return ip_network_parse(text, &rule->ip, &rule->prefix);
}

static gboolean
read_asn(struct user_rule *rule, const char *text)
{
	guint64 asn;

	if (g_ascii_strncasecmp(text, "as", 2) == 0)
		text += 2;
	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &asn, NULL))
		return FALSE;
	rule->asn = (guint32)asn;
	return TRUE;
}

static gboolean
read_text(struct user_rule *rule, const char *text)
{
	rule->text = text;
	return *text != '\0';
}

/* A name that ends a reverse name: one label ("com") would match half the world. */
static gboolean
read_name(struct user_rule *rule, const char *text)
{
	const char *dot = strchr(text, '.');

	rule->text = text;
	return dot && dot != text && dot[1] != '\0';
}

static const struct {
	gboolean (*read)(struct user_rule *rule, const char *text);
	const char *expected;
} readers[N_RULE_KINDS] = {
	[RULE_KIND_IP] = { read_ip, "an IP address" },
	[RULE_KIND_CIDR] = { read_cidr, "a network such as 198.51.100.0/24" },
	[RULE_KIND_RDNS] = { read_name, "the end of a reverse name such as mail.example" },
	[RULE_KIND_SELECTOR] = { read_name, "a DKIM domain or selector._domainkey.domain" },
	[RULE_KIND_SPF] = { read_name, "a domain" },
	[RULE_KIND_SENDER] = { read_text, "the id of a sender" },
	[RULE_KIND_ASN] = { read_asn, "an AS number such as AS64500" },
};

gboolean
user_rule_parse(struct user_rule *rule, enum rule_kind kind, const char *text, GError **error)
{
	struct user_rule read = *rule;

	read.kind = kind;
	if (!readers[kind].read(&read, text)) {
		g_autoptr(GString) shown = g_string_new(text);
		text_cut(shown, SHOWN_LEN_MAX);
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "\"%s\" is not %s",
			    shown->str, readers[kind].expected);
		return FALSE;
	}
	*rule = read;
	return TRUE;
}

/* --- Matching --- */

/* No IPv4 address is in "::/0". */
static gboolean
is_in_network(const struct user_rule *rule, const struct ip *ip)
{
	return ip_is_v4(ip) == ip_is_v4(&rule->ip) && ip_is_in(ip, &rule->ip, rule->prefix);
}

/* Is name suffix, or below it? */
static gboolean
is_below(const char *name, const char *suffix)
{
	gsize name_len = strlen(name);
	gsize len = strlen(suffix);

	if (len > name_len || !g_str_has_suffix(name, suffix))
		return FALSE;
	return len == name_len || name[name_len - len - 1] == '.';
}

static gboolean
names_signature(const char *text, const struct rule_signature *signature)
{
	const char *key = strstr(text, DOMAINKEY);

	if (!key)
		return g_str_equal(text, signature->domain);
	gsize len = (gsize)(key - text);
	return strlen(signature->selector) == len && strncmp(signature->selector, text, len) == 0 &&
	       g_str_equal(key + strlen(DOMAINKEY), signature->domain);
}

static gboolean
has_signature(const struct user_rule *rule, const struct rule_subject *subject)
{
	for (gsize i = 0; i < subject->n_signatures; i++)
		if (names_signature(rule->text, &subject->signatures[i]))
			return TRUE;
	return FALSE;
}

static gboolean
has_spf_domain(const struct user_rule *rule, const struct rule_subject *subject)
{
	for (gsize i = 0; i < subject->n_spf_domains; i++)
		if (g_str_equal(rule->text, subject->spf_domains[i]))
			return TRUE;
	return FALSE;
}

static gboolean
matches(const struct user_rule *rule, const struct rule_subject *subject)
{
	switch (rule->kind) {
	case RULE_KIND_IP:
		return ip_equal(&rule->ip, &subject->ip);
	case RULE_KIND_CIDR:
		return is_in_network(rule, &subject->ip);
	case RULE_KIND_RDNS:
		return is_below(subject->rdns, rule->text);
	case RULE_KIND_SELECTOR:
		return has_signature(rule, subject);
	case RULE_KIND_SPF:
		return has_spf_domain(rule, subject);
	case RULE_KIND_SENDER:
		return g_str_equal(rule->text, subject->sender);
	case RULE_KIND_ASN:
		return subject->asn != 0 && rule->asn == subject->asn;
	case N_RULE_KINDS:
		break;
	}
	return FALSE;
}

/* Among rules of one kind the longer is the more specific. */
static gsize
specific_len(const struct user_rule *rule)
{
	switch (rule->kind) {
	case RULE_KIND_CIDR:
		return rule->prefix;
	case RULE_KIND_RDNS:
		return strlen(rule->text);
	case RULE_KIND_SELECTOR:
		return strstr(rule->text, DOMAINKEY) != NULL;
	case RULE_KIND_IP:
	case RULE_KIND_SPF:
	case RULE_KIND_SENDER:
	case RULE_KIND_ASN:
	case N_RULE_KINDS:
		break;
	}
	return 0;
}

static gboolean
is_stronger(const struct user_rule *rule, const struct user_rule *than)
{
	if (rule->kind != than->kind)
		return rule->kind < than->kind;
	if (specific_len(rule) != specific_len(than))
		return specific_len(rule) > specific_len(than);
	if (!*rule->domain != !*than->domain)
		return *rule->domain != '\0';
	return rule->id > than->id;
}

const struct user_rule *
user_rules_find(const struct user_rule *rules, gsize n_rules, const struct rule_subject *subject,
		gint64 now)
{
	const struct user_rule *best = NULL;

	for (gsize i = 0; i < n_rules; i++) {
		const struct user_rule *rule = &rules[i];
		gboolean is_in_force = rule->expires_at == 0 || rule->expires_at > now;
		gboolean is_for_domain =
			!*rule->domain || g_str_equal(rule->domain, subject->domain);
		if (is_in_force && is_for_domain && matches(rule, subject) &&
		    (!best || is_stronger(rule, best)))
			best = rule;
	}
	return best;
}

const char *
rule_kind_name(enum rule_kind kind)
{
	return kind_names[kind];
}

const char *rule_class_name(enum rule_class class)
{
	return class_names[class];
}
