/* A repair found at one length must not make the claim wrong at another where it was right: of
 * if(k == 5, 3x[k], 2x[k]) the 5 would become a 6. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/judge_claim.h"

static void forget(CheckComponent *k) {
    free(k->repair);
    free(k->slip);
    k->repair = k->slip = NULL;
    k->slip_kind = NULL;
    k->slip_again = k->repair_proved = k->rounding = false;
}

/* The right side with the repair in its place, 0 where it makes no sense on its own. */
static Expr mended_side(Claim *c, const CheckResult *r, size_t i) {
    CertainClaim view = claim_view(c);
    const CheckComponent *k = &r->component[i];
    bool shared;
    view.count = r->count;
    view.columns = claim_columns(c, r->count);
    if (!claim_component_tree(&view, view.tree, i, &shared)) return 0;
    const Ast *tree = claim_mended_tree(&view, i, k->repair_span, k->repair);
    return tree ? claim_lower_whole(&view, shared, tree) : 0;
}

/* Is it worse than before at the lengths of both? */
static bool is_worse(Claim *before, Claim *after) {
    CheckResult a, b;
    if (!claim_make(before) || !claim_make(after)) return true;
    bool res = !claim_compare(before, &a);
    bool ran = !res;
    if (ran) res = !claim_compare(after, &b) || a.count != b.count;
    for (size_t i = 0; !res && i < a.count; i++)
        res = b.component[i].witness && !a.component[i].witness;
    check_result_done(&a);
    if (ran) check_result_done(&b);
    return res;
}

/* Another claim of the same kind, its messages kept apart. */
static Claim like(const Claim *c, Task *quiet, Expr right) {
    Claim res = *c;
    res.task = quiet;
    res.right = right;
    res.derivative = res.yours = res.function = res.domain = NULL;
    res.point.dims = NULL;
    return res;
}

static bool is_worse_somewhere(Claim *c, Expr right, size_t count, const Choice *at) {
    Task quiet = *c->task;
    Diags diags;
    Random kept = quiet.in->random;
    diags_init(&diags, quiet.arena);
    quiet.diags = &diags;
    Claim before = like(c, &quiet, c->right), after = like(c, &quiet, right);
    bool res = false;
    for (size_t i = 0; i < count && !res; i++) {
        memcpy(before.length, at[i].length, sizeof before.length);
        memcpy(after.length, at[i].length, sizeof after.length);
        res = is_worse(&before, &after);
    }
    claim_done(&before);
    claim_done(&after);
    quiet.in->random = kept;
    return res;
}

static void drop_repair(CheckComponent *k) {
    free(k->repair);
    k->repair = NULL;
}

void judge_repairs(Claim *c, CheckResult *r, size_t count, const Choice *at) {
    char *good = NULL; /* the repair that passed; shared text has one for all components */
    Span place = {0, 0};
    bool proved = false;
    for (size_t i = 0; i < r->count; i++) {
        CheckComponent *k = &r->component[i];
        if (!k->repair) continue;
        bool same = good && place.start == k->repair_span.start && strcmp(good, k->repair) == 0;
        Expr right = same ? 0 : mended_side(c, r, i);
        if (!same && (!right || is_worse_somewhere(c, right, count, at))) {
            forget(k);
            continue;
        }
        if (!same) {
            free(good);
            good = mem_copy_text(k->repair, strlen(k->repair));
            place = k->repair_span;
            proved = k->repair_proved;
        }
        if (!proved) drop_repair(k); /* it was looked at only here and there */
    }
    free(good);
}
