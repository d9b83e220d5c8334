#ifndef CXGBOOST_H
#define CXGBOOST_H

// XGBoost's C interface. The library is loaded with the first call rather than with the process: what
// plans no training needs neither it nor its two dozen megabytes, and what it reads from the environment
// when it is loaded can be set by then. See load.c for the functions that can be called.
#include <xgboost/c_api.h>

// Why the library cannot be used; NULL where it can.
const char *xgboost_unavailable(void);

#endif
