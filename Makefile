# plumb: build, test, install.  Everything made goes to build/; GNU make, C11.
#   make deps demo    installs what is missing, builds, runs examples/beale.plumb
#   make deps check   the same, then all tests
BUILD   ?= build
CC      ?= gcc
PREFIX  ?= /usr/local
DESTDIR ?=
OPT     ?= -O2
WARN    := -Wall -Wextra -Wshadow -Wconversion
CFLAGS  ?= $(OPT) -g
# f is evaluated as typed: no contraction, no reassociation, in all of plumb.
ALL_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -ffp-contract=off $(WARN) $(CFLAGS) $(SAN) -I. -I$(BUILD)
LIBS    := -lreadline -lgsl -lgslcblas -lgmp -lm

ROOMS   := base lexer parser expr eval optim optim/methods repl repl/commands repl/formats
SRC     := $(filter-out repl/main.c,$(wildcard $(addsuffix /*.c,$(ROOMS))))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
GEN     := $(BUILD)/gram.c $(BUILD)/gram.h $(BUILD)/scan.c $(BUILD)/scan.h
GENOBJ  := $(BUILD)/gram.o $(BUILD)/scan.o

.PHONY: all clean deps demo check check-long sanitize bench accept install uninstall
.DELETE_ON_ERROR:

all: $(BUILD)/plumb

$(BUILD)/gram.c $(BUILD)/gram.h &: parser/gram.y
	@mkdir -p $(BUILD)
	bison -Wall -Werror -Wcounterexamples --header=$(BUILD)/gram.h -o $(BUILD)/gram.c parser/gram.y

$(BUILD)/scan.c $(BUILD)/scan.h &: lexer/scan.l
	@mkdir -p $(BUILD)
	cd $(BUILD) && flex -o scan.c --header-file=scan.h $(CURDIR)/lexer/scan.l

$(BUILD)/%.o: %.c | $(GEN)
	@mkdir -p $(dir $@)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# Generated code follows its generator's habits, not our warnings.
$(GENOBJ): $(BUILD)/%.o: $(BUILD)/%.c $(GEN)
	$(CC) $(ALL_CFLAGS) -Wno-conversion -Wno-sign-conversion -Wno-unused-function -Wno-shadow -MMD -MP -c $< -o $@

$(BUILD)/libplumb.a: $(OBJ) $(GENOBJ)
	rm -f $@
	ar rcs $@ $^

$(BUILD)/plumb: $(BUILD)/repl/main.o $(BUILD)/libplumb.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)

# A unit test is tests/unit/NAME.c, linked with the library and cmocka.
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libplumb.a
	@mkdir -p $(BUILD)/unit
	$(CC) $(ALL_CFLAGS) -MMD -MP $< $(BUILD)/libplumb.a -o $@ -lcmocka $(TESTLIBS) $(LIBS)

# References of many bits.
$(BUILD)/unit/test_functions: TESTLIBS := -lmpfr

units: $(UNIT)

clean:
	rm -rf $(BUILD)

-include $(OBJ:.o=.d) $(GENOBJ:.o=.d) $(BUILD)/repl/main.d $(addsuffix .d,$(UNIT))
