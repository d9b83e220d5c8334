#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// Loaded with the first message rather than with the process: two dozen libraries stand behind it, and
// most commands tell nobody anything.
static struct {
  __typeof__(curl_global_init) *global_init;
  __typeof__(curl_easy_init) *easy_init;
  __typeof__(curl_easy_setopt) *setopt;
  __typeof__(curl_easy_perform) *perform;
  __typeof__(curl_easy_getinfo) *getinfo;
  __typeof__(curl_easy_cleanup) *cleanup;
  __typeof__(curl_easy_strerror) *strerror;
  __typeof__(curl_slist_append) *append;
  __typeof__(curl_slist_free_all) *free_all;
} curl;
static const char *unavailable;

static void load(void) {
  unavailable = "libcurl.so.4 cannot be loaded; install libcurl4";
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  unavailable = "the libcurl that is installed lacks functions";
#define FIND(member, name)                    \
  curl.member = dlsym(library, name);         \
  if (!curl.member) return
  FIND(global_init, "curl_global_init");
  FIND(easy_init, "curl_easy_init");
  FIND(setopt, "curl_easy_setopt");
  FIND(perform, "curl_easy_perform");
  FIND(getinfo, "curl_easy_getinfo");
  FIND(cleanup, "curl_easy_cleanup");
  FIND(strerror, "curl_easy_strerror");
  FIND(append, "curl_slist_append");
  FIND(free_all, "curl_slist_free_all");
#undef FIND
  CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
  unavailable = code == CURLE_OK ? NULL : curl.strerror(code);
}

// CURLOPT_PROTOCOLS, of which newer headers warn.
static const CURLoption http_and_https = (CURLoption)(CURLOPTTYPE_LONG + 181);

static size_t discard(char *bytes, size_t size, size_t count, void *nobody) {
  (void)bytes;
  (void)nobody;
  return size * count;
}

// The first that is refused: what was not set, such as the time limit, must not go unnoticed.
static CURLcode prepare(CURL *handle, const char *url, struct curl_slist *headers,
                        const char *body, long size, long milliseconds) {
  CURLcode code;
#define SET(option, value)                          \
  code = curl.setopt(handle, option, value);        \
  if (code != CURLE_OK) return code
  SET(CURLOPT_NOSIGNAL, 1L);
  // Its successor is not known to a library that is older than the header.
  SET(http_and_https, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  SET(CURLOPT_TIMEOUT_MS, milliseconds);
  SET(CURLOPT_URL, url);
  SET(CURLOPT_HTTPHEADER, headers);
  SET(CURLOPT_POSTFIELDSIZE, size);
  SET(CURLOPT_POSTFIELDS, body);
  SET(CURLOPT_WRITEFUNCTION, discard);
#undef SET
  return CURLE_OK;
}

const char *curl_post(const char *url, const char *const *headers, const char *body, long size,
                      long milliseconds, long *status) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  if (unavailable) return unavailable;
  CURL *handle = curl.easy_init();
  if (!handle) return "out of memory";
  struct curl_slist *list = NULL;
  CURLcode code = CURLE_OK;
  for (; *headers && code == CURLE_OK; headers++) {
    struct curl_slist *longer = curl.append(list, *headers);
    if (longer) list = longer;
    else code = CURLE_OUT_OF_MEMORY;
  }
  if (code == CURLE_OK) code = prepare(handle, url, list, body, size, milliseconds);
  if (code == CURLE_OK) code = curl.perform(handle);
  if (code == CURLE_OK) code = curl.getinfo(handle, CURLINFO_RESPONSE_CODE, status);
  curl.cleanup(handle);
  curl.free_all(list);
  if (code == CURLE_OK) return NULL;
  return code == CURLE_OPERATION_TIMEDOUT ? "no answer in time" : curl.strerror(code);
}
