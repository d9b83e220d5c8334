#ifndef CLINEAR_H
#define CLINEAR_H

// liblinear, of which one solver is used. The library is loaded with the first call rather than with the
// process: most commands need neither it nor the BLAS behind it, and pipelines that learn otherwise run
// without it.

// A row ends with a node of index -1. Has liblinear's layout, which load.c checks.
struct linear_node {
  int index;
  double value;
};

// Why liblinear cannot be used; NULL where it can.
const char *linear_unavailable(void);

// Minimizes |w|^2 / 2 + cost * sum log(1 + exp(-y w x)) over w, by trust-region Newton steps from where w
// stands, until the gradient's norm is at most tolerance * (share of the smaller class) of that at 0.
// rows: `count` of them, with indices from 1 to width; labels: 1 or -1, of both kinds.
// Returns NULL, or why the parameters are refused.
const char *linear_fit_logistic(struct linear_node **rows, double *labels, int count, int width,
                                double cost, double tolerance, double *w);

#endif
