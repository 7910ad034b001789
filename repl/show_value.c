/* Numbers, vectors and matrices for people.  What is short can be typed back in. */
#include "repl/show_value.h"

void show_number(Buf *out, double value, int digits) {
    if (digits > 0)
        buf_double_digits(out, value, digits);
    else
        buf_double(out, value);
}

static void show_numbers(Buf *out, const double *data, size_t count, int digits) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_text(out, ", ");
        show_number(out, data[i], digits);
    }
}

void show_row(Buf *out, const double *data, size_t count, int digits) {
    bool one = count == 1;
    buf_char(out, one ? '[' : '(');
    if (count <= SHOW_MOST) {
        show_numbers(out, data, count, digits);
    } else {
        show_numbers(out, data, SHOW_HEAD, digits);
        buf_text(out, ", ..., ");
        show_numbers(out, data + count - SHOW_TAIL, SHOW_TAIL, digits);
    }
    buf_char(out, one ? ']' : ')');
    if (count > SHOW_MOST) buf_printf(out, "  %zu numbers", count);
}

static void show_matrix_row(Buf *out, const double *data, size_t count, int digits) {
    if (count <= SHOW_MOST) {
        show_numbers(out, data, count, digits);
        return;
    }
    show_numbers(out, data, SHOW_HEAD, digits);
    buf_text(out, ", ..., ");
    show_numbers(out, data + count - SHOW_TAIL, SHOW_TAIL, digits);
}

static void show_matrix(Buf *out, const Value *v, int digits) {
    size_t rows = v->dim[0], columns = v->dim[1];
    bool cut = rows > SHOW_MOST;
    buf_text(out, rows == 1 ? "[[" : "[");
    for (size_t i = 0; i < rows; i++) {
        if (cut && i == SHOW_HEAD) {
            buf_text(out, ";\n ...");
            i = rows - SHOW_TAIL;
        }
        if (i > 0) buf_text(out, rows * columns <= 9 ? "; " : ";\n ");
        show_matrix_row(out, v->data + i * columns, columns, digits);
    }
    buf_text(out, rows == 1 ? "]]" : "]");
    if (cut || columns > SHOW_MOST) buf_printf(out, "  %zu by %zu numbers", rows, columns);
}

void show_value(Buf *out, const Value *v, int digits) {
    if (v->rank == 0)
        show_number(out, v->data[0], digits);
    else if (v->rank == 1)
        show_row(out, v->data, v->count, digits);
    else
        show_matrix(out, v, digits);
}

void show_value_exact(Buf *out, const Value *v) {
    if (v->rank == 0) {
        buf_double(out, v->data[0]);
        return;
    }
    size_t width = v->rank == 1 ? v->count : v->dim[1];
    bool row = v->rank == 2 && v->dim[0] == 1;
    buf_text(out, row ? "[[" : "[");
    for (size_t i = 0; i < v->count; i++) {
        if (i > 0) buf_text(out, v->rank == 2 && i % width == 0 ? "; " : ", ");
        buf_double(out, v->data[i]);
    }
    buf_text(out, row ? "]]" : "]");
}
