# Tests: included by the Makefile. One cmocka binary per tests/unit/test_X.c.
UNIT := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT:%.c=$(B)/%)
CMOCKA_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/libtools.a $(B)/libnode.a $(B)/libcore.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) $(CMOCKA_LIBS)
-include $(UNIT:%.c=$(B)/%.d)
.SECONDARY:
.PHONY: unit
unit: $(UNIT_BIN)  ## build and run the unit tests
	@status=0; for t in $^; do echo "== $$t"; $$t || status=1; done; exit $$status
