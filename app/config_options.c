/* SPDX-License-Identifier: MIT */
#include "app/config.h"

#define OPTION(block, name, type, fallback, sentence)    \
	{                                                \
		block, name, type, fallback, sentence, 0 \
	}
/* Goes into a member of struct lookup_options. */
#define DNS_OPTION(name, member, type, fallback, sentence)             \
	{                                                              \
		"dns", name, type, fallback, sentence,                 \
			G_STRUCT_OFFSET(struct lookup_options, member) \
	}
/* Goes into the member of struct intake_config that has its name. */
#define INTAKE_OPTION(name, type, fallback, sentence)               \
	{                                                           \
		"intake", #name, type, fallback, sentence,          \
			G_STRUCT_OFFSET(struct intake_config, name) \
	}

/* A weight of the judgement; goes into the member of struct weights that has its name. */
#define WEIGHT(name, fallback, min, max, sentence)                         \
	{                                                                  \
		"score",   #name,    CONFIG_NUMBER,                        \
		#fallback, sentence, G_STRUCT_OFFSET(struct weights, name) \
	},

/* From when on a change is told; goes into the member of struct change_limits that has its name. */
#define LIMIT(name, fallback, min, max, sentence) \
	{ "changes", #name,    CONFIG_NUMBER,     \
	  #fallback, sentence, G_STRUCT_OFFSET(struct change_limits, name) },

const struct config_option config_options[] = {
	OPTION("", "allow_documentation_addresses", CONFIG_BOOL, "no",
	       "Let documentation, benchmark and shared address ranges onto the takedown list (for "
	       "tests and demonstrations)."),
	OPTION("", "trusted_authserv", CONFIG_LOWER_LIST, "",
	       "Names of the mail servers whose Authentication-Results headers are believed."),
	OPTION("", "parked_domains", CONFIG_LOWER_LIST, "",
	       "Domains of yours that never send mail: whatever comes in their name is not yours."),
	OPTION("store", "url", CONFIG_TEXT, "",
	       "Where reports are kept: sqlite:PATH. Without it dmarcd.db in $STATE_DIRECTORY, or "
	       "else in ./data."),
	OPTION("web", "listen", CONFIG_TEXT, "127.0.0.1:8080",
	       "Address and port of the dashboard; port 0 picks a free one."),
	OPTION("web", "metrics", CONFIG_TEXT, "token",
	       "Who may read /metrics: token (users, and tokens with the right metrics), open "
	       "(everybody), or off."),
	OPTION("log", "format", CONFIG_TEXT, "text",
	       "How events are written: text, json (an object a line), journal (fields to "
	       "systemd's "
	       "journal), or auto (journal where it reads standard error, text elsewhere)."),
	OPTION("log", "level", CONFIG_TEXT, "info",
	       "What is written: error, warning, info or debug, and what is worse."),
	OPTION("retention", "failure_days", CONFIG_NUMBER, "30",
	       "After how many days failure reports, complaints and bounces are forgotten; 0 keeps "
	       "them."),
	OPTION("retention", "quarantine_days", CONFIG_NUMBER, "30",
	       "After how many days mails that cannot be read are forgotten; 0 keeps them."),
#include "analysis/weight_list.h"

#include "analysis/change_limit_list.h"
	DNS_OPTION("enabled", is_enabled, CONFIG_BOOL, "no",
		   "Look up facts about addresses and domains in the DNS."),
	DNS_OPTION("servers", servers, CONFIG_LIST, "",
		   "Resolvers that are asked: addresses, with :PORT where it is not 53. Without it "
		   "those of the system."),
	DNS_OPTION("timeout_ms", timeout_ms, CONFIG_NUMBER, "2000",
		   "How long to wait for an answer the first time; the second time twice as long."),
	DNS_OPTION("budget", budget, CONFIG_NUMBER, "10000", "Questions an hour."),
	DNS_OPTION("rdns", want_rdns, CONFIG_BOOL, "yes",
		   "Look up the names of sending addresses, and whether they lead back."),
	DNS_OPTION("own_spf", want_own_spf, CONFIG_BOOL, "yes",
		   "Look up which addresses the SPF of your own domains names."),
	DNS_OPTION("org_domain", want_org_domain, CONFIG_BOOL, "yes",
		   "Look up the organisational domain of your own domains by the tree walk of RFC "
		   "9989."),
	DNS_OPTION("blocklists", blocklists, CONFIG_LIST, "",
		   "Block lists that are asked about sending addresses."),
	DNS_OPTION("abusix_key_file", abusix_key_file, CONFIG_TEXT, "",
		   "The file with your key for the block lists of Abusix."),
	DNS_OPTION("spamhaus_key_file", spamhaus_key_file, CONFIG_TEXT, "",
		   "The file with your key for the block lists of Spamhaus."),
	OPTION("limits", "max_mail_bytes", CONFIG_NUMBER, "41943040",
	       "One mail or file, in bytes."),
	OPTION("limits", "max_header_bytes", CONFIG_NUMBER, "1048576",
	       "One header block, in bytes."),
	OPTION("limits", "max_parts", CONFIG_NUMBER, "1000", "MIME parts of a mail."),
	OPTION("limits", "max_mime_depth", CONFIG_NUMBER, "32", "MIME parts in each other."),
	OPTION("limits", "max_unpacked_bytes", CONFIG_NUMBER, "67108864",
	       "One report after unpacking, in bytes."),
	OPTION("limits", "max_total_unpacked_bytes", CONFIG_NUMBER, "268435456",
	       "All reports of one mail after unpacking, in bytes."),
	OPTION("limits", "max_entries", CONFIG_NUMBER, "1000", "Files in an archive."),
	OPTION("limits", "max_nesting", CONFIG_NUMBER, "3", "Archives in each other."),
	OPTION("limits", "max_xml_depth", CONFIG_NUMBER, "64", "XML elements in each other."),
	OPTION("limits", "max_records", CONFIG_NUMBER, "1000000", "Records of a report."),
	OPTION("limits", "max_xml_name_bytes", CONFIG_NUMBER, "262144",
	       "Different names of elements and attributes in one XML, in bytes."),
	OPTION("limits", "max_tls_policies", CONFIG_NUMBER, "1000", "Policies of a TLS report."),
	OPTION("limits", "max_tls_failures", CONFIG_NUMBER, "100000", "Failures of a TLS report."),
	OPTION("limits", "max_json_bytes", CONFIG_NUMBER, "4194304",
	       "One TLS report after unpacking, in bytes."),
	OPTION("limits", "max_parse_seconds", CONFIG_NUMBER, "60",
	       "How long a worker may take over one mail."),
	OPTION("limits", "max_parse_cpu_seconds", CONFIG_NUMBER, "20",
	       "How much CPU time a worker may take over one mail."),
	OPTION("limits", "max_worker_memory", CONFIG_NUMBER, "536870912",
	       "Address space of a worker, in bytes."),
	OPTION("limits", "max_wire_bytes", CONFIG_NUMBER, "268435456",
	       "What is kept of the answer of a worker for one mail, in bytes."),
	OPTION("enrich", "geo_databases", CONFIG_LIST, "",
	       "Files that tell the AS number and country of an address: .mmdb, .csv or .tsv. Of "
	       "two that know it the first is believed."),
	OPTION("enrich", "senders_files", CONFIG_LIST, "",
	       "Tables of known senders beside the built-in one, in the columns of "
	       "known_senders.tsv."),
	OPTION("enrich", "senders_maps", CONFIG_LIST, "",
	       "Maps of reverse names to senders, in the columns of parsedmarc: base_reverse_dns, "
	       "name and type."),
	INTAKE_OPTION(type, CONFIG_TEXT, "maildir", "How mail comes in: maildir, lmtp or imap."),
	INTAKE_OPTION(path, CONFIG_TEXT, "", "The Maildir that is watched."),
	INTAKE_OPTION(move_to, CONFIG_TEXT, "",
		      "Where handled mail is moved. maildir: another Maildir or a folder; without "
		      "it cur/ of the same Maildir, with flag S. imap: a mailbox, which is made "
		      "where it is missing."),
	INTAKE_OPTION(listen, CONFIG_TEXT, "127.0.0.1:24",
		      "Where lmtp listens: 127.0.0.1:24, [::1]:24, unix:/path, or systemd for a "
		      "passed socket."),
	INTAKE_OPTION(
		recipients, CONFIG_LOWER_LIST, "",
		"Recipients that lmtp takes mail for, with * and ?; none set means every one."),
	INTAKE_OPTION(
		url, CONFIG_TEXT, "",
		"imap: the server, imaps://HOST[:PORT]/ or imap://HOST[:PORT]/ with STARTTLS."),
	INTAKE_OPTION(user, CONFIG_TEXT, "", "imap: who logs in."),
	INTAKE_OPTION(password_file, CONFIG_TEXT, "",
		      "imap: the file with the password. Without it the systemd credential "
		      "imap.NAME, or $DMARCD_PASSWORD_NAME."),
	INTAKE_OPTION(oauth_token_command, CONFIG_TEXT, "",
		      "imap: a command that prints an OAuth access token, in place of a password."),
	INTAKE_OPTION(oauth_provider, CONFIG_TEXT, "",
		      "imap: who gives OAuth access tokens, in place of a password: microsoft365, "
		      "google, or custom."),
	INTAKE_OPTION(oauth_client_id, CONFIG_TEXT, "",
		      "imap: the id under which dmarcd is registered with the provider."),
	INTAKE_OPTION(oauth_client_secret_file, CONFIG_TEXT, "",
		      "imap: the file with the secret that belongs to oauth_client_id, if any."),
	INTAKE_OPTION(oauth_tenant, CONFIG_TEXT, "common",
		      "imap: microsoft365: the id or a domain of the tenant."),
	INTAKE_OPTION(oauth_grant, CONFIG_TEXT, "refresh_token",
		      "imap: refresh_token, after `dmarcd oauth login`, or client_credentials."),
	INTAKE_OPTION(oauth_token_file, CONFIG_TEXT, "",
		      "imap: where the refresh token is kept. Without it oauth.NAME in the folder "
		      "of the store."),
	INTAKE_OPTION(oauth_scope, CONFIG_TEXT, "",
		      "imap: what is asked for, where the provider's own default does not fit."),
	INTAKE_OPTION(oauth_token_url, CONFIG_TEXT, "", "imap: custom: the token endpoint."),
	INTAKE_OPTION(oauth_device_url, CONFIG_TEXT, "",
		      "imap: custom: the device authorization endpoint."),
	INTAKE_OPTION(oauth_authorize_url, CONFIG_TEXT, "",
		      "imap: custom: the authorization endpoint."),
	INTAKE_OPTION(ca_file, CONFIG_TEXT, "",
		      "imap: certificates (PEM) that are trusted in place of those of the system."),
	INTAKE_OPTION(tls, CONFIG_TEXT, "required",
		      "imap: required, or none for a server on this very host."),
	INTAKE_OPTION(folders, CONFIG_LIST, "",
		      "The mailboxes of an IMAP server, or the folders of a Maildir, that are "
		      "read; * is wild. Without it INBOX."),
	INTAKE_OPTION(after, CONFIG_TEXT, "",
		      "imap: what is done with a mail that was stored: keep, flag, move or delete. "
		      "Without it keep, or move where move_to is set."),
	INTAKE_OPTION(failed_to, CONFIG_TEXT, "",
		      "imap: the mailbox where mail is moved that could not be read. Without it it "
		      "stays."),
	INTAKE_OPTION(poll_seconds, CONFIG_NUMBER, "120",
		      "imap: how often to ask for new mail where the server does not tell of it."),
};
const gsize n_config_options = G_N_ELEMENTS(config_options);
