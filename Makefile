# dmarcd - plain GNU make. `make help` lists what can be made.
#
# FLAVOR=asan|tsan|cover|fuzz builds beside the normal build, in build/FLAVOR. V=1 shows commands.

SHELL   := /bin/bash
Q       := $(if $(filter 1,$(V)),,@)
FLAVOR  ?=
VERSION := 0.1
PREFIX  ?= /usr/local
CC      ?= cc
B       := build$(if $(FLAVOR),/$(FLAVOR))
PKGS    := gmime-3.0 libarchive libxml-2.0 sqlite3 libmicrohttpd jansson libsodium libconfuse libzstd gio-2.0

# Asked only where something is compiled, so that `make deps` works on an empty machine.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g'))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

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
FLAVOR_CFLAGS  = -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Wno-unknown-warning-option
FLAVOR_LDFLAGS = -fsanitize=address,undefined
endif
ALL_CFLAGS  = $(BASE_CFLAGS) $(FLAVOR_CFLAGS) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(BASE_LDFLAGS) $(FLAVOR_LDFLAGS) $(LDFLAGS)

FLOORS  := core net store enrich analysis takedown ingest web app
SOURCES := $(sort $(wildcard $(FLOORS:%=%/*.c)))
LIB_OBJECTS := $(patsubst %.c,$(B)/%.o,$(filter-out app/main.c,$(SOURCES)))
RESOURCES   := $(sort $(wildcard schema/sqlite/*.sql web/templates/*.html web/static/* web/i18n/*.msg))
UNIT_TESTS  := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/unit/*_test.c tests/store/*_test.c)))
TEST_SUPPORT := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/support/*.c)))
FUZZERS     := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))

.PHONY: all help deps run test units lint check-asan check-tsan check-valgrind fuzz cover golden \
	integration browser bench fresh install uninstall dist clean
.SECONDARY:
.DELETE_ON_ERROR:

all: $(B)/dmarcd

help:
	@sed -n 's/^## //p' Makefile

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

$(B)/tests/%_fuzz: $(B)/tests/%_fuzz.o $(B)/libdmarcd.a $(B)/resources.o
	@echo "LD  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

units: $(UNIT_TESTS)
	tests/run-units $(UNIT_TESTS)

clean:
	rm -rf build

-include $(wildcard $(B)/*/*.d $(B)/tests/*/*.d)
