# Bench: rates beside their limits, measured in the same run; prints a table, writes build/bench.json, asserts nothing about time.
BENCH := $(wildcard tests/bench/*.c)
BENCH_BIN := $(B)/tests/bench/bench
$(BENCH_BIN): $(BENCH:%.c=$(B)/%.o) $(B)/tests/lib/world.o $(B)/libtools.a $(B)/libnode.a $(B)/libcore.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(DOCUMENT_LIBS)
-include $(BENCH:%.c=$(B)/%.d)
.PHONY: bench
bench: all $(BENCH_BIN)  ## figures beside their limits, into build/bench.json (BENCH_SCALE, BENCH_DIR)
	@mkdir -p build
	@$(BENCH_BIN)
