#include "CXGBoost.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static void *library;

static void load(void) {
  library = dlopen("libxgboost.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libxgboost.so", RTLD_NOW | RTLD_LOCAL);
}

static void *find(const char *name) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return library ? dlsym(library, name) : NULL;
}

static const char missing[] =
    "libxgboost.so.0 cannot be loaded; install libxgboost0 or libxgboost-dev";

const char *xgboost_unavailable(void) { return find("XGBGetLastError") ? NULL : missing; }

const char *XGBGetLastError(void) {
  __typeof__(XGBGetLastError) *call = find("XGBGetLastError");
  return call ? call() : missing;
}

// Defines a function of the interface that calls the library's; without a library it fails.
#define FORWARD(name, parameters, ...)         \
  int name parameters {                        \
    __typeof__(name) *call = find(#name);      \
    return call ? call(__VA_ARGS__) : -1;      \
  }

FORWARD(XGBSetGlobalConfig, (const char *config), config)

FORWARD(XGDMatrixCreateFromDense, (const char *data, const char *config, DMatrixHandle *out),
        data, config, out)
FORWARD(XGDMatrixCreateFromMat,
        (const float *data, bst_ulong rows, bst_ulong columns, float missing, DMatrixHandle *out),
        data, rows, columns, missing, out)
FORWARD(XGDMatrixSetInfoFromInterface,
        (DMatrixHandle handle, const char *field, const char *values), handle, field, values)
FORWARD(XGDMatrixSetFloatInfo,
        (DMatrixHandle handle, const char *field, const float *values, bst_ulong count),
        handle, field, values, count)
FORWARD(XGDMatrixSetStrFeatureInfo,
        (DMatrixHandle handle, const char *field, const char **values, const bst_ulong count),
        handle, field, values, count)
FORWARD(XGDMatrixFree, (DMatrixHandle handle), handle)

FORWARD(XGProxyDMatrixCreate, (DMatrixHandle *out), out)
FORWARD(XGProxyDMatrixSetDataDense, (DMatrixHandle handle, const char *values), handle, values)
FORWARD(XGQuantileDMatrixCreateFromCallback,
        (DataIterHandle rows, DMatrixHandle proxy, DataIterHandle reference,
         DataIterResetCallback *reset, XGDMatrixCallbackNext *next, const char *config,
         DMatrixHandle *out),
        rows, proxy, reference, reset, next, config, out)

FORWARD(XGBoosterCreate, (const DMatrixHandle matrices[], bst_ulong count, BoosterHandle *out),
        matrices, count, out)
FORWARD(XGBoosterSetParam, (BoosterHandle handle, const char *name, const char *value),
        handle, name, value)
FORWARD(XGBoosterUpdateOneIter, (BoosterHandle handle, int round, DMatrixHandle rows),
        handle, round, rows)
FORWARD(XGBoosterPredictFromDMatrix,
        (BoosterHandle handle, DMatrixHandle rows, const char *config, const bst_ulong **shape,
         bst_ulong *dimensions, const float **result),
        handle, rows, config, shape, dimensions, result)
FORWARD(XGBoosterSaveModelToBuffer,
        (BoosterHandle handle, const char *config, bst_ulong *size, const char **bytes),
        handle, config, size, bytes)
FORWARD(XGBoosterLoadModelFromBuffer, (BoosterHandle handle, const void *bytes, bst_ulong size),
        handle, bytes, size)
FORWARD(XGBoosterSetStrFeatureInfo,
        (BoosterHandle handle, const char *field, const char **values, const bst_ulong count),
        handle, field, values, count)
FORWARD(XGBoosterGetStrFeatureInfo,
        (BoosterHandle handle, const char *field, bst_ulong *count, const char ***values),
        handle, field, count, values)
FORWARD(XGBoosterFree, (BoosterHandle handle), handle)
