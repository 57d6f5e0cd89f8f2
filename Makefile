# dmarcd - plain GNU make. `make help` lists what can be made.
#
# FLAVOR=asan|tsan|cover|fuzz builds beside the normal build, in build/FLAVOR. V=1 shows commands.
# Rules first, then what people ask for.

SHELL   := /bin/bash
Q       := $(if $(filter 1,$(V)),,@)
FLAVOR  ?=
VERSION := 0.1
PREFIX  ?= /usr/local
CC      ?= cc
B       := build$(if $(FLAVOR),/$(FLAVOR))
PKGS    := gmime-3.0 libcurl libarchive libxml-2.0 sqlite3 libmicrohttpd jansson libsodium libconfuse libzstd libseccomp libcares libpsl libmaxminddb gio-2.0

# Asked only where something is compiled, so that `make deps` works on an empty machine.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g'))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lm)$(PKG_LIBS)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wcast-qual -Wpointer-arith -Wwrite-strings \
	-Wswitch-enum -Wnull-dereference -Wimplicit-fallthrough -Werror
HARDENING := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
BASE_CFLAGS = -std=c11 -D_GNU_SOURCE -DDMARCD_VERSION='"$(VERSION)"' -DG_LOG_DOMAIN='"dmarcd"' -I. \
	-include core/banned.h -MMD -MP -g $(WARNINGS) -fno-common -fPIE
BASE_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack
FLAVOR_CFLAGS  = -O2 $(HARDENING)
ifeq ($(FLAVOR),asan)
FLAVOR_CFLAGS  = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAVOR_LDFLAGS = -fsanitize=address,undefined
else ifeq ($(FLAVOR),tsan)
FLAVOR_CFLAGS  = -O1 -fsanitize=thread -fno-omit-frame-pointer
FLAVOR_LDFLAGS = -fsanitize=thread
else ifeq ($(FLAVOR),cover)
FLAVOR_CFLAGS  = -O0 --coverage
FLAVOR_LDFLAGS = --coverage
else ifeq ($(FLAVOR),fuzz)
CC = clang
FLAVOR_CFLAGS  = -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-Wno-unknown-warning-option -Wno-missing-field-initializers -Wno-cast-qual -Wno-sign-conversion -Wno-format-nonliteral
FLAVOR_LDFLAGS = -fsanitize=address,undefined
endif
ALL_CFLAGS  = $(BASE_CFLAGS) $(FLAVOR_CFLAGS) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(BASE_LDFLAGS) $(FLAVOR_LDFLAGS) $(LDFLAGS)

FLOORS  := core net store enrich analysis takedown ingest web app
SOURCES := $(sort $(wildcard $(FLOORS:%=%/*.c)))
LIB_OBJECTS := $(patsubst %.c,$(B)/%.o,$(filter-out app/main.c,$(SOURCES)))
ifeq ($(FLAVOR),tsan)
LIB_OBJECTS += $(B)/tests/tsan/glib_locks.o
endif
RESOURCES   := $(sort $(wildcard schema/*.tsv schema/sqlite/*.sql web/templates/*.html web/static/* web/i18n/*.msg))
UNIT_TESTS  := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/unit/*_test.c tests/store/*_test.c)))
TEST_SUPPORT := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/support/*.c)))
FUZZERS     := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))

.PHONY: all help deps deps-test run test units lint analyze smoke check-asan check-tsan check-valgrind \
	fuzz fuzz-build cover golden golden-check integration soak browser bench fresh install uninstall dist clean
.SECONDARY:
.DELETE_ON_ERROR:

## make                  build build/dmarcd
all: $(B)/dmarcd

$(B)/dmarcd: $(B)/app/main.o $(B)/libdmarcd.a $(B)/resources.o
	@echo "LD  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/libdmarcd.a: $(LIB_OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^

# The Makefile and the flags decide what an object is, as much as its source does.
$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "CC  $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/dmarcd.gresource.xml: $(RESOURCES) Makefile
	@mkdir -p $(@D)
	@{ echo '<gresources><gresource prefix="/dmarcd">'; \
	   printf '<file>%s</file>\n' $(or $(RESOURCES),Makefile); \
	   echo '</gresource></gresources>'; } > $@

$(B)/resources.c: $(B)/dmarcd.gresource.xml
	$(Q)glib-compile-resources --sourcedir=. --generate-source --target=$@ $<

$(B)/resources.o: $(B)/resources.c
	$(Q)$(CC) -std=gnu11 -O2 -fPIE $(filter -fsanitize%,$(FLAVOR_CFLAGS)) $(PKG_CFLAGS) -c -o $@ $<

$(B)/tests/%_test: $(B)/tests/%_test.o $(TEST_SUPPORT) $(B)/libdmarcd.a $(B)/resources.o
	@echo "LD  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

$(B)/tests/%_bench: $(B)/tests/%_bench.o $(TEST_SUPPORT) $(B)/libdmarcd.a $(B)/resources.o
	@echo "LD  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

$(B)/tests/%_fuzz: $(B)/tests/%_fuzz.o $(B)/libdmarcd.a $(B)/resources.o
	@echo "LD  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

# The shipped code with a worker that misbehaves on demand (tests/integration/rogue.c).
ROGUE := $(B)/tests/integration/rogue
$(ROGUE): $(B)/tests/integration/rogue.o $(B)/libdmarcd.a $(B)/resources.o
	@echo "LD  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--wrap=parse,--wrap=posix_spawn -o $@ $^ $(PKG_LIBS)


# --- What people ask for ---

help:
	@sed -n 's/^## //p' Makefile

## make deps             install the Debian packages that building needs and that are missing
deps:
	@docker/install-packages build

deps-test:
	@docker/install-packages build demo test

# A mailbox of one's own and the sample never share a store.
PORT    ?= 8080
MAILBOX ?=
SAMPLE  := data/sample
OWN_MAIL = --store sqlite:data/dmarcd.db --maildir '$(patsubst ~/%,$(HOME)/%,$(MAILBOX))'
DEMO     = -c etc/dmarcd.demo.conf --store sqlite:$(SAMPLE)/dmarcd.db --maildir $(SAMPLE)/Maildir --demo

## make run              install, build, and serve a sample mailbox on http://127.0.0.1:8080
## make run MAILBOX=~/Maildir/.dmarc PORT=9000    the same with mail of your own
run: deps
	+@$(MAKE) -s -j$(shell nproc) all $(if $(MAILBOX),,$(SAMPLE)/Maildir)
	@mkdir -p data
	$(B)/dmarcd serve --listen 127.0.0.1:$(PORT) $(if $(MAILBOX),$(OWN_MAIL),$(DEMO))

# Made once: the last 60 days, seen from the day it is made.
$(SAMPLE)/Maildir:
	@docker/install-packages demo
	@mkdir -p $(SAMPLE)
	@rm -f $(SAMPLE)/dmarcd.db*
	@echo "making a sample mailbox in $@"
	@python3 tests/support/mkreports.py --out $(SAMPLE)/making -n 1500 --format maildir --domains 8 \
		--sources 4000 --max-records 2000 --days 60 --start $$(date -u -d '60 days ago' +%F) --jobs 1 >/dev/null
	@mv $(SAMPLE)/making/Maildir $@

## make test             install what is missing, then everything that must pass
test: deps-test
	+@MAKE='$(MAKE)' tests/run-all

## make units            the unit tests (FLAVOR=asan: under the sanitizers)
units: $(UNIT_TESTS)
	@tests/run-units $(UNIT_TESTS)

## make lint             floors, sizes, format, static analysis, documentation
lint: all
	@tests/lint/run

## make analyze          the static analyzer over every path of every function; minutes
analyze:
	@if tests/lint/tidy tests/lint/analyzer.yaml; then echo "1 passed, 0 failed"; else echo "0 passed, 1 failed"; exit 1; fi

## make golden           write anew what every sample of tests/corpus gives; read the diff
golden: all
	@tests/golden/run $(B)/dmarcd --update
	@git diff --stat -- tests/corpus

# Parse every sample and compare with what it must give.
golden-check: all
	@tests/golden/run $(B)/dmarcd

## make integration      the real program on real files and sockets (ONLY="kill_restart cli": these)
integration: all $(ROGUE)
	@DMARCD=$(B)/dmarcd tests/integration/run $(ONLY)

## make soak             longer runs against real mail servers: chaos for 15 minutes, 10,000 mails by IMAP, 5,000 by Postfix
soak: all
	@DMARCD=$(B)/dmarcd TEST_SOAK=1 TEST_SECONDS=3600 CHAOS_SECONDS=900 tests/integration/run imap postfix chaos

## make browser          Chromium over every page; writes docs/*.png
browser: all
	@DMARCD=$(B)/dmarcd tests/browser/run

# The shorter run that a slower build can take.
SMOKE := ingest_truth bad_input cli maildir_watch web_smoke
smoke: all $(ROGUE)
	@DMARCD=$(B)/dmarcd TEST_MAILS=400 TEST_PATIENCE=3 tests/integration/run $(SMOKE)

## make check-asan       unit tests and an integration run under AddressSanitizer and UBSan
## make check-tsan       the same under ThreadSanitizer
check-asan check-tsan: check-%:
	+@$(MAKE) -s FLAVOR=$* units smoke

## make check-valgrind   one ingest under valgrind
check-valgrind: all
	@DMARCD=$(B)/dmarcd tests/integration/run valgrind_ingest

## make fuzz             every fuzz target for FUZZ_SECONDS (60)
FUZZ_SECONDS ?= 60
fuzz:
	+@$(MAKE) -s FLAVOR=fuzz fuzz-build
	@tests/run-fuzzers $(FUZZ_SECONDS) $(patsubst %.c,build/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
fuzz-build: $(FUZZERS)

## make cover            line coverage of the unit tests, per file
cover:
	+@$(MAKE) -s FLAVOR=cover units
	@tests/support/coverage build/cover

## make bench            mails per CPU second, memory, page times
bench: all
	@tests/bench/ingest.sh $(B)/dmarcd
	@tests/bench/pages.py $(B)/dmarcd

## make fresh            a minimal Debian 12 root: clone, make run, log in, make test (root, network)
fresh:
	@tests/integration/fresh_machine.sh
	@tests/integration/docker_steps.sh

BINDIR  := $(PREFIX)/bin
MANDIR  := $(PREFIX)/share/man
LIBDIR  := $(PREFIX)/lib
DOCDIR  := $(PREFIX)/share/doc/dmarcd
INSTALL := install -D -m 644

## make install          program, manual, service (PREFIX=/usr/local, DESTDIR=)
install: all
	install -D -m 755 $(B)/dmarcd $(DESTDIR)$(BINDIR)/dmarcd
	$(INSTALL) docs/dmarcd.8 $(DESTDIR)$(MANDIR)/man8/dmarcd.8
	$(INSTALL) docs/dmarcd.conf.5 $(DESTDIR)$(MANDIR)/man5/dmarcd.conf.5
	$(INSTALL) etc/dmarcd.conf.example $(DESTDIR)$(DOCDIR)/dmarcd.conf.example
	$(INSTALL) etc/sysusers.conf $(DESTDIR)$(LIBDIR)/sysusers.d/dmarcd.conf
	$(INSTALL) etc/tmpfiles.conf $(DESTDIR)$(LIBDIR)/tmpfiles.d/dmarcd.conf
	$(INSTALL) etc/dmarcd.service $(DESTDIR)$(LIBDIR)/systemd/system/dmarcd.service
	$(INSTALL) etc/dmarcd.socket $(DESTDIR)$(LIBDIR)/systemd/system/dmarcd.socket
	sed -i 's|@BINDIR@|$(BINDIR)|' $(DESTDIR)$(LIBDIR)/systemd/system/dmarcd.service

## make uninstall        remove what install put there; stores and settings stay
uninstall:
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/dmarcd $(MANDIR)/man8/dmarcd.8 $(MANDIR)/man5/dmarcd.conf.5 \
		$(DOCDIR)/dmarcd.conf.example $(LIBDIR)/sysusers.d/dmarcd.conf $(LIBDIR)/tmpfiles.d/dmarcd.conf \
		$(LIBDIR)/systemd/system/dmarcd.service $(LIBDIR)/systemd/system/dmarcd.socket)

## make dist             build/dmarcd-VERSION.tar.gz of the last commit
dist:
	@mkdir -p build
	git archive --prefix=dmarcd-$(VERSION)/ -o build/dmarcd-$(VERSION).tar.gz HEAD

## make clean            remove build/ (data/ stays)
clean:
	rm -rf build

-include $(wildcard $(B)/*/*.d $(B)/tests/*/*.d)
