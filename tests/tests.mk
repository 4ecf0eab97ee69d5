# Tests: included by the Makefile. One cmocka binary per tests/unit/test_X.c; system tests are Python programs over the real binaries.
UNIT := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT:%.c=$(B)/%)
CMOCKA_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)
TEST_LIB := $(patsubst %.c,$(B)/%.o,$(wildcard tests/lib/*.c))
$(UNIT_BIN): $(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(TEST_LIB) $(B)/libtools.a $(B)/libnode.a $(B)/libcore.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(DOCUMENT_LIBS) $(CMOCKA_LIBS)
$(B)/tests/unit/test_params: private ALL_LDFLAGS += -Wl,--wrap=apply_statement
-include $(UNIT:%.c=$(B)/%.d) $(TEST_LIB:.o=.d)

# A disk that fails on demand, loaded under the real programs; never instrumented itself.
SHIM := $(B)/tests/fault/shim.so
$(SHIM): tests/fault/shim.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -O2 $(CFLAGS) $(WARN) -fPIC -shared -pthread -o $@ $< -ldl

# Another day, loaded under `licet`; never instrumented itself.
CLOCK := $(B)/tests/fault/clock.so
$(CLOCK): tests/fault/clock.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -O2 $(CFLAGS) $(WARN) -fPIC -shared -o $@ $< -ldl

# A PKCS#11 module that does wrong on demand, loaded by test_token; never instrumented itself.
FALSE_TOKEN := $(B)/tests/fault/token.so
$(FALSE_TOKEN): tests/fault/token.c tests/fault/token.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -I. -O2 $(CFLAGS) $(WARN) $(PKG_CFLAGS) -fPIC -shared -pthread -o $@ $< -lcrypto
$(B)/tests/unit/test_token: | $(FALSE_TOKEN)

# The offline verifier for very many proofs in one process, beside which a second one is asked.
LINES := $(B)/tests/foreign/verify_lines
$(LINES): $(B)/tests/foreign/verify_lines.o $(B)/libtools.a $(B)/libnode.a $(B)/libcore.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(DOCUMENT_LIBS)
-include $(LINES).d

.SECONDARY:
.PHONY: test test-deps test-programs unit system check-source fuzz fuzz-replay
test-deps:
ifndef NODEPS
	@tools/deps.sh test
endif
test: test-deps  ## install what is missing, build, run every test
	@$(MAKE) --no-print-directory test-programs
	@tests/run.py --build $(B)
test-programs: all $(UNIT_BIN) $(SHIM) $(CLOCK) $(LINES) fuzz-build  ## everything the tests run, nothing run
unit: $(UNIT_BIN)  ## the unit tests only
	@tests/run.py --build $(B) --only unit
system: all $(SHIM) $(CLOCK) $(LINES)  ## the system tests only
	@tests/run.py --build $(B) --only system
check-source:  ## layers, banned calls, lengths: builds nothing
	@tests/tidy/check.sh

# Fuzz targets: one per decoder, tests/fuzz/fuzz_X.c with `int fuzz_one(const uint8_t *, size_t)`. With clang they are libFuzzer programs; with
# any compiler they are programs that replay the files they are given (the corpora, in `make test`).
FUZZ := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ:%.c=$(B)/%)
$(FUZZ_BIN): $(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay_main.o $(B)/libtools.a $(B)/libnode.a $(B)/libcore.a
	$(say) LD $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(DOCUMENT_LIBS)
-include $(FUZZ:%.c=$(B)/%.d)
.PHONY: fuzz-build
fuzz-build: $(FUZZ_BIN)
FUZZ_SECONDS ?= 60
fuzz:  ## libFuzzer on every decoder, FUZZ_SECONDS each (clang)
	@tests/fuzz/fuzz.sh $(FUZZ_SECONDS)
-include tests/bench/bench.mk
