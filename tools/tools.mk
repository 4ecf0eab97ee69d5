# Tools: included by the Makefile. The ten sample licence types go into `licet` as bytes, so that `licet init` needs no other file.
$(B)/gen/sample_types.c: genesis/types.json
	@mkdir -p $(@D)
	@{ echo '#include "tools/setup/keys.h"'; echo 'const unsigned char sample_types[] = {'; \
	   od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo '};'; echo 'const size_t sample_types_len = sizeof sample_types;'; } > $@.part
	@mv $@.part $@
$(B)/gen/sample_types.o: $(B)/gen/sample_types.c
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(B)/libtools.a: $(B)/gen/sample_types.o
