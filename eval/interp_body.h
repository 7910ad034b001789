/* The interpreter of register programs, instantiated by the files that include it.  They define:
 *   INTERP_NAME      the function
 *   START            the frame to start in
 *   HOOK             run before each instruction
 *   SHADOWS          0: values only; 1: each register and element has a shadow
 *   SET0(v)          r[d] = v, an exact value without history
 *   SET1(v, bound)   r[d] = v computed from r[a]; v_ is the value in `bound`, a BOUND_ macro
 *   SET2(v, bound)   from r[a], r[b]   SET3(v, bound) from r[a], r[b], r[c]
 *   SETF(v, n)       from n arguments by function I->c
 *   COPY(v, shadow)  r[d] = v and its shadow moved from elsewhere
 *   INCREASE(p, s)   *p += r[d], with shadows s (may be NULL)
 *   DOUBTFUL(c)      a branch is decided although c
 *   MODE             for reductions: REDUCE_PLAIN, _BOUNDS, _ORIGIN
 * Faults leave I at the instruction.  Frames of called functions live on the workspace's stack. */

#define FAULT(status_, index_, length_, axis_)                     \
    do {                                                           \
        fault_set(w, &f, I, index_, length_, axis_);               \
        status = status_;                                          \
        goto stop;                                                 \
    } while (0)
/* The empty instruction, different at each place, keeps the compiler from joining the jumps: each
 * has its own history in the processor's branch prediction. */
#define GO                                            \
    do {                                              \
        HOOK;                                         \
        __asm__ volatile("" : : "i"(__COUNTER__));    \
        goto *label[I->op];                           \
    } while (0)
#define NEXT_OP \
    do {        \
        I++;    \
        GO;     \
    } while (0)
#define JUMP(to)          \
    do {                  \
        I = f.sub->code + (to); \
        GO;               \
    } while (0)
#define X (r[I->a])
#define Y (r[I->b])
#define OFFSET ((ptrdiff_t)(int32_t)I->b)
#define POLL                                        \
    do {                                            \
        if (w->interrupt && *w->interrupt)          \
            FAULT(RUN_INTERRUPT, 0, 0, 0);          \
    } while (0)
/* A loop of n rounds begins: a loop of few rounds does not poll by itself. */
#define CHARGE(n)                                          \
    do {                                                   \
        w->rounds += (n);                                  \
        if (w->poll_rounds <= w->rounds) {                 \
            if (w->most_rounds < w->rounds)                \
                FAULT(RUN_ROUNDS, 0, 0, 0);                \
            w->poll_rounds = w->rounds + 1024;             \
            POLL;                                          \
        }                                                  \
    } while (0)
/* k: an index counted from 0; its element must be one of n. */
#define CHECK(k, n, axis)                                                             \
    do {                                                                              \
        double k_ = (k);                                                              \
        if (!(0 <= k_ && k_ < (double)(n)) || (double)(size_t)k_ != k_)               \
            FAULT(RUN_INDEX, k_ + 1, n, axis);                                        \
    } while (0)
#if SHADOWS
#define SHADOW_OF(at) (A[I->c].shadow ? A[I->c].shadow[at] : 0.0)
#define LOAD(at_)                              \
    do {                                       \
        size_t at = (size_t)(at_);             \
        COPY(A[I->c].at[at], SHADOW_OF(at));   \
    } while (0)
#define STORE(at_)                             \
    do {                                       \
        size_t at = (size_t)(at_);             \
        A[I->c].at[at] = r[I->d];              \
        if (A[I->c].shadow)                    \
            A[I->c].shadow[at] = e[I->d];      \
    } while (0)
#define INC(at_)                                                                     \
    do {                                                                             \
        size_t at = (size_t)(at_);                                                   \
        INCREASE(A[I->c].at + at, A[I->c].shadow ? A[I->c].shadow + at : NULL);      \
    } while (0)
#define EX (e[I->a])
#define EY (e[I->b])
#define FRAME_IN                              \
    do {                                      \
        r = f.reg;                            \
        A = f.table;                          \
        R = f.state;                          \
        e = r + f.sub->registers;             \
    } while (0)
#else
#define LOAD(at_) (acc = r[I->d] = A[I->c].at[at_])
#define STORE(at_) (A[I->c].at[at_] = r[I->d])
#define INC(at_) (A[I->c].at[at_] += r[I->d])
#define FRAME_IN       \
    do {               \
        r = f.reg;     \
        A = f.table;   \
        R = f.state;   \
    } while (0)
#endif

/* After a reduction's term: again, or on. */
#define AGAIN(q, product)                                     \
    do {                                                      \
        if (!(++(q)->done & 1023)) {                          \
            POLL;                                             \
            if ((q)->mask && !((q)->done & (BLOCK - 1)))      \
                reduction_flush(q, product, MODE);            \
        }                                                     \
        if ((q)->done < (q)->count) {                         \
            r[I->d] += 1;                                     \
            JUMP(I->b);                                       \
        }                                                     \
    } while (0)

RunStatus INTERP_NAME(const Program *p, Workspace *w) {
    static const void *const label[] = {
#define OPC(name, fields, cost) &&do_##name,
#include "eval/program_ops.def"
#undef OPC
    };
    Frame f = w->START;
    RunStatus status = RUN_OK;
    double *r;
    ArrayRef *A;
    Reduction *R;
#if SHADOWS
    double *e;
#else
    double acc = 0;
#endif
    FRAME_IN;
    w->rounds = 0;
    w->poll_rounds = 1024;
    const Instr *I = f.sub->code;
    GO;

do_MOV:
#if SHADOWS
    COPY(X, EX);
#else
    acc = r[I->d] = X;
#endif
    NEXT_OP;
#if SHADOWS
do_ADD_A:
#else
do_ADD_A: SET2(acc + Y, -); NEXT_OP;
do_SUB_A: SET2(acc - Y, -); NEXT_OP;
do_SUB_B: SET2(X - acc, -); NEXT_OP;
do_MUL_A: SET2(acc * Y, -); NEXT_OP;
do_SQR_A: SET1(acc * acc, -); NEXT_OP;
do_CUBE_A: SET1((acc * acc) * acc, -); NEXT_OP;
do_MULADD_A: { double m = acc * Y; SET3(m + r[I->c], -); } NEXT_OP;
do_MULADD_C: { double m = X * Y; SET3(m + acc, -); } NEXT_OP;
do_MULSUB_A: { double m = acc * Y; SET3(m - r[I->c], -); } NEXT_OP;
do_SUBMUL_A: { double m = acc * Y; SET3(r[I->c] - m, -); } NEXT_OP;
do_SUBMUL_C: { double m = X * Y; SET3(acc - m, -); } NEXT_OP;
do_STOREK_D: A[I->c].at[I->a] = acc; NEXT_OP;
do_STORE1_D: A[I->c].at[(ptrdiff_t)X + OFFSET] = acc; NEXT_OP;
#endif
do_ADD: SET2(X + Y, BOUND_ADD(X, Y)); NEXT_OP;
#if SHADOWS
do_SUB_A:
do_SUB_B:
#endif
do_SUB: SET2(X - Y, BOUND_ADD(X, -Y)); NEXT_OP;
#if SHADOWS
do_MUL_A:
#endif
do_MUL: SET2(X * Y, BOUND_MUL); NEXT_OP;
do_DIV: SET2(X / Y, BOUND_DIV); NEXT_OP;
do_POW: SET2(pow(X, Y), BOUND_POW); NEXT_OP;
do_NEG: SET1(-X, BOUND_SAME); NEXT_OP;
#if SHADOWS
do_SQR_A:
#endif
do_SQR: SET1(X * X, BOUND_SQR); NEXT_OP;
#if SHADOWS
do_CUBE_A:
#endif
do_CUBE: SET1((X * X) * X, BOUND_CUBE); NEXT_OP;
do_POW4: { double s = X * X; SET1(s * s, BOUND_POW4); } NEXT_OP;
do_SQRT: SET1(sqrt(X), BOUND_SQRT); NEXT_OP;
do_ABS: SET1(fabs(X), BOUND_SAME); NEXT_OP;
#if SHADOWS
do_MULADD_A:
do_MULADD_C:
#endif
do_MULADD: { double m = X * Y; SET3(m + r[I->c], BOUND_MULADD(m)); } NEXT_OP;
#if SHADOWS
do_MULSUB_A:
#endif
do_MULSUB: { double m = X * Y; SET3(m - r[I->c], BOUND_MULADD(m)); } NEXT_OP;
#if SHADOWS
do_SUBMUL_A:
do_SUBMUL_C:
#endif
do_SUBMUL: { double m = X * Y; SET3(r[I->c] - m, BOUND_MULADD(m)); } NEXT_OP;
do_SUBSQR: { double s = X - Y; SET2(s * s, BOUND_SUBSQR(s, -Y)); } NEXT_OP;
do_ADDSQR: { double s = X + Y; SET2(s * s, BOUND_SUBSQR(s, Y)); } NEXT_OP;

do_FN1: SETF(p->fn[I->c](X, 0, 0), 1, X, 0, 0); NEXT_OP;
do_FN2: SETF(p->fn[I->c](X, Y, 0), 2, X, Y, 0); NEXT_OP;
do_FN3: SETF(p->fn[I->c](X, Y, r[I[1].a]), 3, X, Y, r[I[1].a]); I++; NEXT_OP;
do_ARG: NEXT_OP;

do_LT: SET2(X < Y, BOUND_REL); NEXT_OP;
do_LE: SET2(X <= Y, BOUND_REL); NEXT_OP;
do_EQ: SET2(X == Y, BOUND_REL); NEXT_OP;
do_NE: SET2(X != Y, BOUND_REL); NEXT_OP;
do_NOT: SET1(X == 0, BOUND_TRUTH); NEXT_OP;
do_BOOL: SET1(X != 0, BOUND_TRUTH); NEXT_OP;

do_JMP: JUMP(I->b);
do_JZ: DOUBTFUL(UNSURE1); if (X == 0) JUMP(I->b); NEXT_OP;
do_JNZ: DOUBTFUL(UNSURE1); if (X != 0) JUMP(I->b); NEXT_OP;
do_JNLT: DOUBTFUL(UNSURE_D); if (!(r[I->d] < X)) JUMP(I->b); NEXT_OP;
do_JNLE: DOUBTFUL(UNSURE_D); if (!(r[I->d] <= X)) JUMP(I->b); NEXT_OP;
do_JNEQ: DOUBTFUL(UNSURE_D); if (!(r[I->d] == X)) JUMP(I->b); NEXT_OP;
do_JNNE: DOUBTFUL(UNSURE_D); if (!(r[I->d] != X)) JUMP(I->b); NEXT_OP;

do_LOADK: LOAD(I->a); NEXT_OP;
do_LOAD1C: CHECK(X + (double)OFFSET, A[I->c].dim[0], 0); /* fall through */
do_LOAD1: LOAD((ptrdiff_t)X + OFFSET); NEXT_OP;
do_LOAD2C: CHECK(X - 1, A[I->c].dim[0], 0); CHECK(Y - 1, A[I->c].dim[1], 1); /* fall through */
do_LOAD2: LOAD(((size_t)X - 1) * A[I->c].dim[1] + (size_t)Y - 1); NEXT_OP;
#if SHADOWS
do_STOREK_D:
#endif
do_STOREK: STORE(I->a); NEXT_OP;
do_STORE1C: CHECK(X + (double)OFFSET, A[I->c].dim[0], 0); /* fall through */
#if SHADOWS
do_STORE1_D:
#endif
do_STORE1: STORE((ptrdiff_t)X + OFFSET); NEXT_OP;
do_STORE2C: CHECK(X - 1, A[I->c].dim[0], 0); CHECK(Y - 1, A[I->c].dim[1], 1); /* fall through */
do_STORE2: STORE(((size_t)X - 1) * A[I->c].dim[1] + (size_t)Y - 1); NEXT_OP;
do_INCK: INC(I->a); NEXT_OP;
do_INC1C: CHECK(X + (double)OFFSET, A[I->c].dim[0], 0); /* fall through */
do_INC1: INC((ptrdiff_t)X + OFFSET); NEXT_OP;
do_INC2C: CHECK(X - 1, A[I->c].dim[0], 0); CHECK(Y - 1, A[I->c].dim[1], 1); /* fall through */
do_INC2: INC(((size_t)X - 1) * A[I->c].dim[1] + (size_t)Y - 1); NEXT_OP;

do_TEMP1:
    status = frame_temp(w, &A[I->c], X, 1, 1);
    if (status != RUN_OK)
        FAULT(status, X, 0, 0);
    NEXT_OP;
do_TEMP2:
    status = frame_temp(w, &A[I->c], X, Y, 2);
    if (status != RUN_OK)
        FAULT(status, X, 0, 0);
    NEXT_OP;
do_ROW:
    CHECK(X - 1, A[I->b].dim[0], 0);
    array_row(&A[I->c], &A[I->b], (size_t)X - 1);
    NEXT_OP;
do_COPYROW:
    if (!array_copy_row(&A[I->c], (size_t)X, &A[I->b]))
        FAULT(RUN_SIZE, (double)A[I->b].dim[0], A[I->c].dim[1], 0);
    NEXT_OP;
do_CLEAR: array_clear(&A[I->c]); NEXT_OP;
do_PREFIX:
do_SUFFIX:
    array_products(&A[I->c], &A[I->b], I->op == OP_SUFFIX, MODE);
    COUNT_MORE(A[I->b].dim[0]);
    NEXT_OP;
do_GRAD:
    status = w->gradient ? w->gradient(w->gradient_context, A[I->b].at, A[I->c].at) : RUN_SIZE;
    if (status != RUN_OK)
        FAULT(status, 0, 0, 0);
    array_unknown(&A[I->c], MODE);
    NEXT_OP;

do_LAST: {
        double wrong, last = range_last(X, Y, &wrong);
        if (last != last)
            FAULT(RUN_RANGE, wrong, 0, 0);
        SET0(last);
    }
    NEXT_OP;
do_SKIP: {
        double more = X - r[I->d];
        if (!(0 <= more))
            JUMP(I->b);
        CHARGE(round_count(more));
    }
    NEXT_OP;
do_NEXT:
    if (r[I->d] < X) {
        r[I->d] += 1;
        int64_t k = (int64_t)r[I->d];
        if (!(k & 1023) || INT64_C(1) << 53 <= k)
            POLL;
        JUMP(I->b);
    }
    NEXT_OP;
do_BEGSUM: reduction_begin(&R[I->c], X, Y, -0.0); SET0(X); CHARGE(R[I->c].count); NEXT_OP;
do_BEGPROD: reduction_begin(&R[I->c], X, Y, 1); SET0(X); CHARGE(R[I->c].count); NEXT_OP;
do_BEGBEST: reduction_begin(&R[I->c], X, Y, 0); SET0(X); CHARGE(R[I->c].count); NEXT_OP;
do_SUM: {
        Reduction *q = &R[I->c];
        ADD_TERM(q);
        AGAIN(q, false);
    }
    NEXT_OP;
do_PROD: {
        Reduction *q = &R[I->c];
        MUL_TERM(q);
        AGAIN(q, true);
    }
    NEXT_OP;
do_MAX: { /* the first of equals; a NaN stays */
        Reduction *q = &R[I->c];
        BEST_TERM(q, q->done == 0 || (q->lane[0] == q->lane[0] && !(X <= q->lane[0])));
        AGAIN(q, false);
    }
    NEXT_OP;
do_MIN: {
        Reduction *q = &R[I->c];
        BEST_TERM(q, q->done == 0 || (q->lane[0] == q->lane[0] && !(q->lane[0] <= X)));
        AGAIN(q, false);
    }
    NEXT_OP;
do_ENDSUM: END_TERMS(&R[I->c], false); NEXT_OP;
do_ENDPROD: END_TERMS(&R[I->c], true); NEXT_OP;
do_ENDBEST: END_BEST(&R[I->c]); NEXT_OP;
do_ENDAT: END_AT(&R[I->c]); NEXT_OP;
do_EMPTY: FAULT(RUN_EMPTY, 0, 0, 0);

do_CALL:
do_CALLARRAY:
    if (MOST_CALLS <= w->calls)
        FAULT(RUN_DEPTH, 0, 0, 0);
    CHARGE(CALL_ROUNDS);
    status = frame_call(w, &f, I);
    if (status != RUN_OK)
        goto stop;
    FRAME_IN;
    I = f.sub->code;
    GO;
do_RET: {
        double v = X;
#if SHADOWS
        double ev = EX;
#endif
        I = frame_return(w, &f);
        FRAME_IN;
        r[I->d] = v;
#if SHADOWS
        e[I->d] = ev;
#endif
    }
    NEXT_OP;
do_END:
    if (w->calls == 0)
        return RUN_OK;
    I = frame_return(w, &f);
    FRAME_IN;
    NEXT_OP;
stop:
    frame_unwind(w);
    (void)p;
    return status;
}
