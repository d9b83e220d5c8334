#include "CLinear.h"

#include <dlfcn.h>
#include <linear.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

_Static_assert(sizeof(struct linear_node) == sizeof(struct feature_node), "liblinear's layout");
_Static_assert(offsetof(struct linear_node, value) == offsetof(struct feature_node, value),
               "liblinear's layout");

static struct {
  __typeof__(train) *train;
  __typeof__(check_parameter) *check_parameter;
  __typeof__(free_and_destroy_model) *free_and_destroy_model;
  const char *unavailable;
} library;

static void print_nothing(const char *text) { (void)text; }

static void load(void) {
  library.unavailable = "liblinear.so.4 cannot be loaded; install liblinear4 or liblinear-dev";
  void *handle = dlopen("liblinear.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!handle) handle = dlopen("liblinear.so", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return;
  // Its structures have grown from version to version.
  const int *version = dlsym(handle, "liblinear_version");
  if (!version || *version != LIBLINEAR_VERSION) {
    library.unavailable = "the liblinear that is installed is not the one that roost was built with";
    return;
  }
  library.train = dlsym(handle, "train");
  library.check_parameter = dlsym(handle, "check_parameter");
  library.free_and_destroy_model = dlsym(handle, "free_and_destroy_model");
  __typeof__(set_print_string_function) *set_print = dlsym(handle, "set_print_string_function");
  if (!library.train || !library.check_parameter || !library.free_and_destroy_model || !set_print) {
    library.unavailable = "the liblinear that is installed lacks functions";
    return;
  }
  set_print(print_nothing);
  library.unavailable = NULL;
}

const char *linear_unavailable(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return library.unavailable;
}

const char *linear_fit_logistic(struct linear_node **rows, double *labels, int count, int width,
                                double cost, double tolerance, double *w) {
  const char *refusal = linear_unavailable();
  if (refusal) return refusal;
  struct problem problem = {
      .l = count, .n = width, .y = labels, .x = (struct feature_node **)rows, .bias = -1};
  struct parameter parameter;
  memset(&parameter, 0, sizeof parameter);
  // The primal solver: it never calls rand(), so that equal rows give equal bits.
  parameter.solver_type = L2R_LR;
  parameter.C = cost;
  parameter.eps = tolerance;
  parameter.init_sol = w;
  refusal = library.check_parameter(&problem, &parameter);
  if (refusal) return refusal;
  struct model *model = library.train(&problem, &parameter);
  if (!model) return "no model came out";
  // Of labels -1 and 1 the second is what its weights speak for, whichever comes first.
  if (model->nr_class == 2 && model->label[0] == 1) memcpy(w, model->w, width * sizeof *w);
  else refusal = "the labels are not -1 and 1";
  library.free_and_destroy_model(&model);
  return refusal;
}
