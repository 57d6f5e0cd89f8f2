/* SPDX-License-Identifier: MIT */
#include "tests/support/dns_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct dns_house {
	GPid pid;
	int in;
	int out;
	char *server;
	gboolean is_mute; /* at times */
};

/* Misdeeds of dns_server.py that the resolver only hears by their silence. */
static const char *const mute_words[] = {
	"! silence", "! quiet-after", "! other-question", "! other-id",
	"! garbage", "! no-tcp",      "! delay",
};

/* Its first line. */
static char *
read_port(int fd)
{
	char line[16] = "";
	gsize len = 0;

	while (len < sizeof(line) - 1 && read(fd, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	return g_strdup(line);
}

struct dns_house *
dns_house_open(const char *script)
{
	struct dns_house *house = g_new0(struct dns_house, 1);
	char *argv[] = { g_strdup("python3"), g_strdup("tests/integration/dns_server.py"),
			 g_strdup(script), NULL };
	g_autoptr(GError) error = NULL;

	if (!g_spawn_async_with_pipes(NULL, argv, NULL,
				      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
				      &house->pid, &house->in, &house->out, NULL, &error))
		fail_msg("%s", error->message);
	for (gsize i = 0; argv[i]; i++)
		g_free(argv[i]);
	g_autofree char *port = read_port(house->out);
	if (*port == '\0')
		fail_msg("the DNS server did not start");
	house->server = g_strdup_printf("127.0.0.1:%s", port);
	for (gsize i = 0; i < G_N_ELEMENTS(mute_words); i++)
		house->is_mute |= strstr(script, mute_words[i]) != NULL;
	return house;
}

void
dns_house_close(struct dns_house *house)
{
	if (!house)
		return;
	close(house->in);
	waitpid(house->pid, NULL, 0);
	close(house->out);
	g_free(house->server);
	g_free(house);
}

const char *
dns_house_server(const struct dns_house *house)
{
	return house->server;
}

struct resolver *
dns_house_resolver(const struct dns_house *house)
{
	const char *const servers[] = { house->server, NULL };
	struct resolver_options options = resolver_default_options;
	g_autoptr(GError) error = NULL;

	options.servers = servers;
	options.timeout_ms = house->is_mute ? 100 : 1000;
	options.in_flight = 16;
	struct resolver *resolver = resolver_new(&options, &error);
	if (!resolver)
		fail_msg("%s", error->message);
	return resolver;
}
