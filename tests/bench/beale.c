/* Gradient descent on Beale's function as a person would write it in C: the measure for plumb's
 * interpreter.  beale STEPS prints where it ends. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    double x = 3, y = 4, lr = 5e-6;
    long steps = argc < 2 ? 1000000 : atol(argv[1]);
    for (long t = 0; t < steps; t++) {
        double y2 = y * y, y3 = y2 * y;
        double a = 1.5 - x + x * y, b = 2.25 - x + x * y2, c = 2.625 - x + x * y3;
        double gx = 2 * a * (y - 1) + 2 * b * (y2 - 1) + 2 * c * (y3 - 1);
        double gy = 2 * a * x + 4 * b * x * y + 6 * c * x * y2;
        if (fmax(fabs(gx), fabs(gy)) < 0) break;
        x -= lr * gx;
        y -= lr * gy;
    }
    printf("%.8f %.8f\n", x, y);
    return 0;
}
