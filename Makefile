# plumb: build, test, install.  Everything made goes to build/; GNU make, C11.
#   make deps demo    installs what is missing, builds, runs examples/beale.plumb
#   make deps check   the same, then all tests
# Others: all check-long sanitize bench accept install uninstall clean; CC=clang works.
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
OPT     ?= -O2
ifeq ($(origin CC),default)
CC      := gcc
endif
WARN    := -Wall -Wextra -Wshadow -Wconversion
CFLAGS  ?= $(OPT) -g
# f is evaluated as typed: no contraction, no reassociation, in all of plumb.
ALL_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -ffp-contract=off $(WARN) $(CFLAGS) $(SAN) -I. -I$(BUILD)
# Link flags are found when they are needed (below), so that `make deps all` works in one call.
LIBS     = @$(BUILD)/libs
TESTLIBS = @$(BUILD)/testlibs
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

ROOMS   := base lexer parser expr eval optim optim/methods repl repl/commands repl/formats
SRC     := $(filter-out repl/main.c,$(wildcard $(addsuffix /*.c,$(ROOMS))))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
GEN     := $(BUILD)/gram.c $(BUILD)/gram.h $(BUILD)/scan.c $(BUILD)/scan.h
RULES   := $(sort $(wildcard optim/rules/*.plumb))
COMMANDS := $(sort $(wildcard repl/commands/*.c))
FORMATS := $(sort $(wildcard repl/formats/*.c))
# Sources whose text goes into exported files.
TEXTS   := expr/special.c expr/gamma.c expr/bessel.c eval/program_python.py
GENOBJ  := $(BUILD)/gram.o $(BUILD)/scan.o $(BUILD)/rules_gen.o $(BUILD)/texts_gen.o
REGOBJ  := $(BUILD)/commands_gen.o $(BUILD)/formats_gen.o

.PHONY: all clean deps demo check check-long sanitize bench accept install uninstall units force
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/plumb $(BUILD)/modules/built

# ---- the program ----

$(BUILD)/gram.c $(BUILD)/gram.h &: parser/gram.y | $(BUILD)/libs
	@mkdir -p $(BUILD)
	bison -Wall -Werror -Wcounterexamples --header=$(BUILD)/gram.h -o $(BUILD)/gram.c parser/gram.y

$(BUILD)/scan.c $(BUILD)/scan.h &: lexer/scan.l | $(BUILD)/libs
	@mkdir -p $(BUILD)
	cd $(BUILD) && flex -o scan.c --header-file=scan.h $(CURDIR)/lexer/scan.l

# The shipped update rules as text, by name; the folder itself counts, since a file may go.
$(BUILD)/rules_gen.c: optim/rules $(RULES)
	@mkdir -p $(BUILD)
	@{ echo '#include "optim/rule_internal.h"'; echo 'const RuleText rule_texts[] = {'; \
	  for f in $(RULES); do echo "{\"$$(basename $$f .plumb)\","; \
	    sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $$f; echo '},'; done; \
	  echo '};'; echo 'const size_t rule_text_count = sizeof rule_texts / sizeof *rule_texts;'; } > $@

$(BUILD)/texts_gen.c: $(TEXTS) Makefile
	@mkdir -p $(BUILD)
	@{ echo '#include "eval/program_source.h"'; echo 'const SourceText source_texts[] = {'; \
	  for f in $(TEXTS); do echo "{\"$$f\","; sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $$f; echo '},'; done; \
	  echo '};'; echo 'const size_t source_text_count = sizeof source_texts / sizeof *source_texts;'; } > $@

$(BUILD)/%.o: %.c $(BUILD)/flags | $(GEN) $(BUILD)/libs
	@mkdir -p $(dir $@)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# GCC's advice for interpreters with computed jumps; clang knows no such flag.
NO_GCSE := $(shell echo 'int x;' | $(CC) -Werror -fno-gcse -x c -c -o /dev/null - 2>/dev/null && echo -fno-gcse)
$(BUILD)/eval/interp_plain.o: ALL_CFLAGS += $(NO_GCSE)

# registry TYPE ROW-PREFIX HEADER FILES: an array of the rows that the files define, by file name.
registry = { echo '\#include "repl/$(3)"'; for f in $(basename $(notdir $(4))); do echo "extern const $(1) $(2)_$$f;"; done; \
	echo "const $(1) *const $(2)_list[] = {"; for f in $(basename $(notdir $(4))); do echo "    &$(2)_$$f,"; done; \
	echo "};"; echo "const size_t $(2)_count = sizeof $(2)_list / sizeof *$(2)_list;"; } > $@

$(BUILD)/commands_gen.c: repl/commands $(COMMANDS)
	@mkdir -p $(BUILD)
	@$(call registry,Command,command,command.h,$(COMMANDS))

$(BUILD)/formats_gen.c: repl/formats $(FORMATS)
	@mkdir -p $(BUILD)
	@$(call registry,Format,format,report.h,$(FORMATS))

$(REGOBJ): $(BUILD)/%.o: $(BUILD)/%.c $(BUILD)/flags | $(BUILD)/libs
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# Generated code follows its generator's habits, not our warnings.
$(GENOBJ): $(BUILD)/%.o: $(BUILD)/%.c $(GEN) $(BUILD)/flags
	$(CC) $(ALL_CFLAGS) -Wno-conversion -Wno-sign-conversion -Wno-unused-function -Wno-shadow -MMD -MP -c $< -o $@

$(BUILD)/libplumb.a: $(OBJ) $(GENOBJ) $(REGOBJ)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/plumb: $(BUILD)/repl/main.o $(BUILD)/libplumb.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)

# Balls are Arb's: a library of its own before FLINT 3.
BALLS_PROBE = printf '\#if __has_include(<flint/arb.h>)\n\#include <flint/arb.h>\n\#else\n\#include <arb.h>\n\#endif\nint main(void) { arb_t x; arb_init(x); return 0; }\n' \
	| $(CC) -x c - -o $@.probe $(1) -lgmp >/dev/null 2>&1
# Modules need libraries that plumb does without; where one is missing, so is its module.
# module NAME HEADER LINK-FLAGS DEBIAN-PACKAGE
$(BUILD)/modules/built: eval/modules $(wildcard eval/modules/*.c) eval/algebra_ring.h eval/balls.h expr/functions.def expr/functions.h expr/expr.h $(BUILD)/flags
	@mkdir -p $(BUILD)/modules
	@module() { rm -f $(BUILD)/modules/$$1.so; \
	if printf '#include <gmp.h>\n#include <%s>\nint main(void) { return 0; }\n' $$2 | $(CC) -x c - -o $@.probe $$3 >/dev/null 2>&1; then \
	  set -- "$$1" "$$3"; echo "$(CC) -shared eval/modules/$$1.c"; \
	  $(CC) $(ALL_CFLAGS) -isystem /usr/include/flint -fPIC -shared eval/modules/$$1.c -o $(BUILD)/modules/$$1.so $$2 || exit 1; \
	else echo "without $$1: apt-get install $$4 for it"; fi; rm -f $@.probe; }; \
	module flint flint/fmpz_mpoly_factor.h '-lflint -lgmp' libflint-dev
	@libs=; for l in '-lflint-arb -lflint' '-lflint'; do if $(call BALLS_PROBE,$$l); then libs=$$l; break; fi; done; rm -f $@.probe; \
	if [ -n "$$libs" ]; then echo "$(CC) -shared eval/modules/balls.c -o $(BUILD)/modules/balls.so"; \
	  $(CC) $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(ALL_CFLAGS)) -fPIC -shared eval/modules/balls.c -o $(BUILD)/modules/balls.so $$libs -lgmp -lm || exit 1; \
	else echo "no module of balls: apt-get install libflint-arb-dev makes verdicts certain"; fi
	@touch $@

# ---- tests ----

# A unit test is tests/unit/NAME.c, linked with the library and cmocka.
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libplumb.a $(BUILD)/testlibs
	@mkdir -p $(BUILD)/unit
	$(CC) $(ALL_CFLAGS) -MMD -MP $< $(BUILD)/libplumb.a -o $@ $(TESTLIBS) $(LIBS)

units: $(UNIT)

# A fuzzer is tests/fuzz/fuzz*.c; it drives the library in its own process.
FUZZ    := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz*.c))
$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/tests/fuzz/generate.o $(BUILD)/libplumb.a
	@mkdir -p $(BUILD)/fuzz
	$(CC) $(ALL_CFLAGS) -MMD -MP $< $(BUILD)/tests/fuzz/generate.o $(BUILD)/libplumb.a -o $@ $(LIBS)

# A person at a terminal, played by a program.
PTY     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/pty/*.c))
$(BUILD)/pty/prompt: $(PTY)
	@mkdir -p $(BUILD)/pty
	$(CC) $(ALL_CFLAGS) $^ -o $@ -lutil

TESTED  := $(BUILD)/plumb $(BUILD)/modules/built $(UNIT) $(FUZZ) $(if $(PTY),$(BUILD)/pty/prompt)

check: $(TESTED)
	@tests/run -b $(BUILD)

check-long: $(TESTED)
	@tests/run -b $(BUILD) -l

# The same suite on a build with sanitizers; leaks count as failures.
sanitize:
	@$(MAKE) --no-print-directory BUILD=build/sanitize OPT=-O1 SAN="$(SANITIZE)" check

# Writes what plumb prints now into the transcripts: read the diff.
accept: $(BUILD)/plumb
	@tests/run -b $(BUILD) -a transcripts

bench: $(BUILD)/plumb $(BUILD)/modules/built $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
	@tests/bench/run $(BUILD)

$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/libplumb.a
	@mkdir -p $(BUILD)/bench
	$(CC) $(ALL_CFLAGS) $< $(BUILD)/libplumb.a -o $@ $(LIBS)

# On a terminal the demonstration ends at the prompt.
demo: $(BUILD)/plumb
	@if [ -t 0 ] && [ -t 1 ]; then $(BUILD)/plumb -i examples/beale.plumb || :; \
	else $(BUILD)/plumb examples/beale.plumb </dev/null; fi

install: $(BUILD)/plumb $(BUILD)/modules/built
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1"
	install -m 755 $(BUILD)/plumb "$(DESTDIR)$(PREFIX)/bin/plumb"
	for m in $(BUILD)/modules/*.so; do [ ! -f "$$m" ] || install -D -m 755 -t "$(DESTDIR)$(PREFIX)/lib/plumb" "$$m"; done
	install -m 644 docs/plumb.1 "$(DESTDIR)$(PREFIX)/share/man/man1/plumb.1"

uninstall:
	rm -rf "$(DESTDIR)$(PREFIX)/lib/plumb"
	rm -f "$(DESTDIR)$(PREFIX)/bin/plumb" "$(DESTDIR)$(PREFIX)/share/man/man1/plumb.1"

clean:
	rm -rf $(BUILD)

# ---- what must be there ----

# With `deps` among the goals, nothing is looked for before it has run, also with -j.
FIRST   := $(filter deps,$(MAKECMDGOALS))

# An object is made again when the compiler or its flags change.
$(BUILD)/flags: force | $(FIRST)
	@mkdir -p $(BUILD)
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' >$@

# find PKG-CONFIG-NAME HEADER LINK-FLAGS DEBIAN-PACKAGE adds the library's flags to the target, or
# says what is missing.  tool COMMAND DEBIAN-PACKAGE.
define PROBES
lacks() { echo "error: plumb needs $$1, which is not installed"; \
	echo "  on Debian and Ubuntu: apt-get install $$2, or make deps for all that is missing"; exit 1; } >&2; \
tool() { command -v $$1 >/dev/null 2>&1 || lacks $$1 $$2; }; \
find() { if pkg-config --exists $$1 2>/dev/null; then pkg-config --cflags-only-I --libs $$1; \
	elif printf '#include <stdio.h>\n#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\nint main(void) { return 0; }\n' \
	$$2 | $(CC) -x c - -o $@.probe $$3 >/dev/null 2>&1; then echo "$$3"; else lacks $$1 $$4; fi >>$@; rm -f $@.probe; }; \
rm -f $@
endef

$(BUILD)/libs: $(BUILD)/flags | $(FIRST)
	@$(PROBES); tool $(firstword $(CC)) $(notdir $(firstword $(CC))); tool bison bison; tool flex flex; \
	find readline readline/readline.h -lreadline libreadline-dev; \
	find gsl gsl/gsl_math.h '-lgsl -lgslcblas' libgsl-dev; \
	find gmp gmp.h -lgmp libgmp-dev; \
	echo -lm >>$@

$(BUILD)/testlibs: $(BUILD)/flags | $(FIRST)
	@$(PROBES); find cmocka cmocka.h -lcmocka libcmocka-dev; find mpfr mpfr.h -lmpfr libmpfr-dev

# Installs with apt-get what is missing; does nothing, and needs no network, when all is there.
deps:
	@missing=; tool() { command -v $$1 >/dev/null 2>&1 || missing="$$missing $$2"; }; \
	header() { printf '#include <stdio.h>\n#include <%s>\n' $$1 | $(CC) -x c -E - >/dev/null 2>&1 || missing="$$missing $$2"; }; \
	tool $(firstword $(CC)) $(notdir $(firstword $(CC))); tool ar binutils; tool bison bison; tool flex flex; \
	tool pkg-config pkg-config; header math.h libc6-dev; header readline/readline.h libreadline-dev; \
	header gmp.h libgmp-dev; header gsl/gsl_math.h libgsl-dev; header cmocka.h libcmocka-dev; header mpfr.h libmpfr-dev; \
	header flint/fmpq_mpoly.h libflint-dev; \
	balls() { printf '\043if __has_include(<flint/arb.h>)\n\043include <flint/arb.h>\n\043else\n\043include <arb.h>\n\043endif\n' | $(CC) -x c -fsyntax-only - >/dev/null 2>&1; }; \
	[ -n "$$missing" ] || ! balls || exit 0; \
	if ! command -v apt-get >/dev/null 2>&1; then \
	  echo "error: no apt-get here; please install (Debian's names):$$missing" >&2; exit 1; fi; \
	as=; if [ "$$(id -u)" != 0 ]; then as=sudo; \
	  command -v sudo >/dev/null 2>&1 || { echo "error: to install$$missing, run make deps as root" >&2; exit 1; }; fi; \
	echo "installing:$$missing"; \
	get() { $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; }; \
	[ -z "$$missing" ] || get || { $$as apt-get update -q && get; } || exit 1; \
	balls || { missing=libflint-arb-dev; get || { $$as apt-get update -q && get; }; } || \
	  echo "no package of Arb here: claims are refuted by doubles, not for certain"

-include $(OBJ:.o=.d) $(GENOBJ:.o=.d) $(REGOBJ:.o=.d) $(BUILD)/repl/main.d $(addsuffix .d,$(UNIT) $(FUZZ)) $(PTY:.o=.d)
