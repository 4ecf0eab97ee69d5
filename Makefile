# Licet: build, run, test. `make help` lists the targets.
# Options: CC=clang  SAN=1 (address + undefined sanitizers)  TSAN=1  DEBUG=1 (-O0)  WERROR=1 (CI)
.DEFAULT_GOAL := all
SHELL := /bin/bash
# All processors, unless the caller says how many. Only at the top: a make below takes part in the jobserver of the one above. While a makefile is read, MAKEFLAGS
# does not hold -j, so the command line is looked at.
ifeq ($(MAKELEVEL)$(shell { tr '\0' '\n' </proc/$$PPID/cmdline; printenv MAKEFLAGS | tr ' ' '\n'; } 2>/dev/null | grep -cE '^(-[a-zA-Z]*j|--jobs)'),00)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

CC ?= cc
PKG_CONFIG ?= pkg-config
PKGS := libcrypto libssl libsecp256k1 lmdb libevent libevent_openssl libevent_pthreads libcbor jansson inih libzstd
DOCUMENT_PKGS := libzip libxml-2.0 zlib # of `licet` alone: a node never sees a document
HEADER_PKGS := p11-kit-1 # its pkcs11.h only: a token's module is loaded when a key names it

tag := $(notdir $(firstword $(CC)))
OPT := -O2
ifdef DEBUG
OPT := -O0
tag := $(tag)-debug
endif
ifdef SAN
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
tag := $(tag)-san
endif
ifdef TSAN
SANFLAGS := -fsanitize=thread
tag := $(tag)-tsan
endif
ifeq ($(tag),cc)
B := build
else
B := build/$(tag)
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
ifdef WERROR
WARN += -Werror
endif
HARDEN := -fstack-protector-strong -fPIE
ifndef SAN
ifndef DEBUG
HARDEN += -D_FORTIFY_SOURCE=2
endif
endif
# V=1 shows the commands.
Q := $(if $(V),,@)
say := $(if $(V),@:,@echo)
# Asked of pkg-config only when something is compiled, so that `make deps` works on a bare machine.
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PKGS) $(DOCUMENT_PKGS) $(HEADER_PKGS))
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS))
DOCUMENT_LIBS = $(shell $(PKG_CONFIG) --libs $(DOCUMENT_PKGS))
CFLAGS ?= -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(OPT) $(CFLAGS) $(WARN) $(HARDEN) $(SANFLAGS) -pthread -ffile-prefix-map=$(CURDIR)=. $(PKG_CFLAGS)
ALL_LDFLAGS = -pie -pthread $(SANFLAGS) $(LDFLAGS)
LIBS = $(PKG_LIBS) -lunistring -ldl


TOOLS := tools/document tools/authority tools/cli tools/client tools/sealed tools/verify tools/licence tools/issue tools/setup tools/import tools/seal tools/audit tools
FOLDERS := crypto crypto/seal ledger/base ledger/wire ledger/kv ledger/state ledger/rules ledger/chain genesis rpc node/base node/engine node/solo node $(TOOLS)
SRC := $(foreach d,$(FOLDERS),$(wildcard $(d)/*.c))
OBJ := $(SRC:%.c=$(B)/%.o)
objs = $(patsubst %.c,$(B)/%.o,$(foreach d,$(1),$(wildcard $(d)/*.c)))
CORE := crypto crypto/seal ledger/base ledger/wire ledger/kv ledger/state ledger/rules ledger/chain genesis
NODE_MAIN := $(B)/node/main.o
TOOL_MAIN := $(B)/tools/main.o

# What a program needs before it is built: installed only when missing. NODEPS=1 leaves the machine alone.
.PHONY: all deps run demo help clean
deps:  ## install what is missing to build (apt-get)
ifndef NODEPS
	@tools/deps.sh build
endif
all: $(B)/licetd $(B)/licet  ## build licetd and licet
$(B)/libcore.a: $(call objs,$(CORE))
$(B)/libnode.a: $(filter-out $(NODE_MAIN),$(call objs,rpc node/base node/engine node/solo node))
$(B)/libtools.a: $(filter-out $(TOOL_MAIN),$(call objs,$(TOOLS)))
%.a:
	@mkdir -p $(@D); rm -f $@
	@$(AR) rcD $@ $^
$(B)/licetd: $(NODE_MAIN) $(B)/libnode.a $(B)/libcore.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/licet: $(TOOL_MAIN) $(B)/libtools.a $(B)/libcore.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(DOCUMENT_LIBS)
# Looked at once, before the first file is compiled: a missing library is told by its name, not by the compiler.
$(B)/deps.found: tools/deps.sh
ifndef NODEPS
	@tools/deps.sh look
endif
	@mkdir -p $(@D); touch $@
$(B)/%.o: %.c | $(B)/deps.found
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
-include $(OBJ:.o=.d)
-include tools/tools.mk
include tests/tests.mk

run: deps  ## build, make ./demo if absent, show the tour, serve until Ctrl-C
	@$(MAKE) --no-print-directory all
	@tools/demo.sh --serve $(B) demo
demo: deps  ## the same tour, then exit
	@$(MAKE) --no-print-directory all
	@tools/demo.sh $(B) demo
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18
clean:  ## remove everything built
	rm -rf build
