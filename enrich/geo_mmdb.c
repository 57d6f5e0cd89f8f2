/* SPDX-License-Identifier: MIT */
/*
 * Databases of MaxMind's format. A copy in memory is opened rather than the file: a mapped file
 * that somebody cuts short ends the process by SIGBUS.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <maxminddb.h>

#include "core/error.h"
#include "core/text.h"
#include "enrich/geo_source.h"

#define FD_PATH "/proc/self/fd/%d"

/* How far a database is looked through for a first entry that tells something. */
#define PROBED_NODES_MAX   20000
#define PROBED_ENTRIES_MAX 200
#define DEPTH_MAX          129

struct probe {
	const MMDB_s *mmdb;
	guint32 todo[DEPTH_MAX + 1];
	guint n_todo;
	guint n_nodes;
	guint n_entries;
	gboolean is_useful;
};

static gboolean
write_all(int fd, GBytes *bytes, GError **error)
{
	gsize len;
	const char *at = g_bytes_get_data(bytes, &len);

	while (len > 0) {
		ssize_t put = write(fd, at, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
				    "cannot be copied to memory: %s", g_strerror(errno));
			return FALSE;
		}
		at += put;
		len -= (gsize)put;
	}
	return TRUE;
}

static gboolean
open_copy(int fd, MMDB_s *mmdb, GError **error)
{
	g_autofree char *path = g_strdup_printf(FD_PATH, fd);
	int status = MMDB_open(path, MMDB_MODE_MMAP, mmdb);

	if (status == MMDB_SUCCESS)
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "no MMDB database, or a broken one (%s); fetch it again",
		    MMDB_strerror(status));
	return FALSE;
}

static void
close_mmdb(gpointer source)
{
	MMDB_close(source);
	g_free(source);
}

static MMDB_s *
open_bytes(GBytes *bytes, GError **error)
{
	g_autofree MMDB_s *mmdb = g_new0(MMDB_s, 1);
	int fd = memfd_create("mmdb", MFD_CLOEXEC);

	if (fd < 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "cannot be copied to memory: %s", g_strerror(errno));
		return NULL;
	}
	gboolean is_open = write_all(fd, bytes, error) && open_copy(fd, mmdb, error);
	close(fd);
	return is_open ? g_steal_pointer(&mmdb) : NULL;
}

/* The value of a name; an entry that lacks it, or is broken there, does not tell. */
static gboolean
get(MMDB_entry_s *entry, const struct geo_name *name, MMDB_entry_data_s *ret_value)
{
	const char *const path[] = { name->name, name->member, NULL };

	return MMDB_aget_value(entry, ret_value, path) == MMDB_SUCCESS && ret_value->has_data;
}

/* Cleaned, and cut to size. */
static void
read_text(const MMDB_entry_data_s *value, char *ret_text, gsize size)
{
	*ret_text = '\0';
	if (value->type != MMDB_DATA_TYPE_UTF8_STRING)
		return;
	g_autoptr(GString) text = g_string_new(NULL);
	text_clean(value->utf8_string, MIN(value->data_size, TEXT_LEN_MAX), text);
	text_cut(text, size - 1);
	g_strlcpy(ret_text, text->str, size);
}

static void
read_asn(const MMDB_entry_data_s *value, struct ip_place *place)
{
	char text[16];

	switch (value->type) {
	case MMDB_DATA_TYPE_UINT16:
		place->asn = value->uint16;
		break;
	case MMDB_DATA_TYPE_UINT32:
		place->asn = value->uint32;
		break;
	case MMDB_DATA_TYPE_UINT64:
		place->asn = value->uint64 <= G_MAXUINT32 ? (guint32)value->uint64 : 0;
		break;
	default:
		read_text(value, text, sizeof text);
		place->asn = geo_read_asn(text);
	}
}

static void
read_country(const MMDB_entry_data_s *value, struct ip_place *place)
{
	char text[8];

	read_text(value, text, sizeof text);
	geo_read_country(text, place->country);
}

static gboolean
is_wanted(const struct ip_place *place, enum geo_field field)
{
	return (field == GEO_ASN && place->asn == 0) ||
	       (field == GEO_AS_NAME && place->asn != 0 && !*place->as_name) ||
	       (field == GEO_COUNTRY && !*place->country);
}

static void
read_entry(MMDB_entry_s *entry, struct ip_place *place)
{
	for (gsize i = 0; i < n_geo_names; i++) {
		const struct geo_name *name = &geo_names[i];
		MMDB_entry_data_s value;
		if (!is_wanted(place, name->field) || !get(entry, name, &value))
			continue;
		if (name->field == GEO_ASN)
			read_asn(&value, place);
		else if (name->field == GEO_AS_NAME)
			read_text(&value, place->as_name, sizeof place->as_name);
		else
			read_country(&value, place);
	}
}

static void
find_entry(gconstpointer source, const struct ip *ip, struct ip_place *place)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	gboolean is_v4 = ip_is_v4(ip);
	int status;

	memcpy(&v4.sin_addr, ip->bytes + 12, sizeof v4.sin_addr);
	memcpy(&v6.sin6_addr, ip->bytes, sizeof v6.sin6_addr);
	gconstpointer address = is_v4 ? (gconstpointer)&v4 : (gconstpointer)&v6;
	MMDB_lookup_result_s result = MMDB_lookup_sockaddr(source, address, &status);
	if (status == MMDB_SUCCESS && result.found_entry)
		read_entry(&result.entry, place);
}

/* ---- does it know anything? ---- */

static void
probe_entry(struct probe *probe, MMDB_entry_s *entry)
{
	struct ip_place place = { 0 };

	read_entry(entry, &place);
	probe->n_entries++;
	probe->is_useful = place.asn != 0 || *place.country;
}

static void
probe_record(struct probe *probe, guint64 record, MMDB_entry_s *entry, guint8 type)
{
	if (type == MMDB_RECORD_TYPE_DATA && !probe->is_useful)
		probe_entry(probe, entry);
	else if (type == MMDB_RECORD_TYPE_SEARCH_NODE && probe->n_todo < DEPTH_MAX)
		probe->todo[probe->n_todo++] = (guint32)record;
}

/* Depth first, from the lowest address; nodes that lead in circles end at the limit. */
static gboolean
is_useful(const MMDB_s *mmdb)
{
	struct probe probe = { .mmdb = mmdb, .n_todo = 1 };

	while (probe.n_todo > 0 && !probe.is_useful && probe.n_nodes++ < PROBED_NODES_MAX &&
	       probe.n_entries < PROBED_ENTRIES_MAX) {
		MMDB_search_node_s node;
		if (MMDB_read_node(mmdb, probe.todo[--probe.n_todo], &node) != MMDB_SUCCESS)
			continue;
		probe_record(&probe, node.right_record, &node.right_record_entry,
			     node.right_record_type);
		probe_record(&probe, node.left_record, &node.left_record_entry,
			     node.left_record_type);
	}
	return probe.is_useful;
}

static gpointer
open_mmdb(GBytes *bytes, struct ip_geo_file *about, GError **error)
{
	MMDB_s *mmdb = open_bytes(bytes, error);

	if (!mmdb)
		return NULL;
	g_autoptr(GString) kind = g_string_new(NULL);
	const char *type = mmdb->metadata.database_type;
	text_clean(type ? type : "", type ? strnlen(type, AS_NAME_LEN_MAX) : 0, kind);
	if (!is_useful(mmdb)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "a database of type \"%s\" that tells neither AS numbers nor countries "
			    "in a field that is known",
			    kind->str);
		close_mmdb(mmdb);
		return NULL;
	}
	about->kind = g_strdup(kind->str);
	if (mmdb->metadata.build_epoch > 0 && mmdb->metadata.build_epoch <= G_MAXUINT32)
		about->made_at = (gint64)mmdb->metadata.build_epoch;
	return mmdb;
}

const struct geo_type geo_mmdb = {
	.suffix = ".mmdb",
	.open = open_mmdb,
	.close = close_mmdb,
	.find = find_entry,
};
