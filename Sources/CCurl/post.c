#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// libcurl's header is not needed: its numbers and prototypes are part of an ABI that has not changed
// since 2006 (soname 4). The library is there wherever Foundation is.
enum {
  global_default = 3,
  opt_postfields = 10015,
  opt_postfieldsize = 60,
  opt_url = 10002,
  opt_httpheader = 10023,
  opt_writefunction = 20011,
  opt_nosignal = 99,
  opt_timeout_ms = 155,
  opt_protocols = 181,
  protocols_http_https = 3,
  info_response_code = 0x200002,
  timed_out = 28
};

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  int (*setopt)(void *, int, ...);
  int (*perform)(void *);
  int (*getinfo)(void *, int, ...);
  void (*cleanup)(void *);
  const char *(*strerror)(int);
  void *(*append)(void *, const char *);
  void (*free_all)(void *);
} curl;
static int is_loaded;

static void load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  curl.global_init = (int (*)(long))dlsym(library, "curl_global_init");
  curl.easy_init = (void *(*)(void))dlsym(library, "curl_easy_init");
  curl.setopt = (int (*)(void *, int, ...))dlsym(library, "curl_easy_setopt");
  curl.perform = (int (*)(void *))dlsym(library, "curl_easy_perform");
  curl.getinfo = (int (*)(void *, int, ...))dlsym(library, "curl_easy_getinfo");
  curl.cleanup = (void (*)(void *))dlsym(library, "curl_easy_cleanup");
  curl.strerror = (const char *(*)(int))dlsym(library, "curl_easy_strerror");
  curl.append = (void *(*)(void *, const char *))dlsym(library, "curl_slist_append");
  curl.free_all = (void (*)(void *))dlsym(library, "curl_slist_free_all");
  is_loaded = curl.global_init && curl.easy_init && curl.setopt && curl.perform && curl.getinfo &&
              curl.cleanup && curl.strerror && curl.append && curl.free_all &&
              curl.global_init(global_default) == 0;
}

static size_t discard(char *bytes, size_t size, size_t count, void *nobody) {
  (void)bytes;
  (void)nobody;
  return size * count;
}

const char *curl_post(const char *url, const char *const *headers, const char *body, long size,
                      long milliseconds, long *status) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  if (!is_loaded) return "libcurl.so.4 cannot be loaded; install libcurl4";
  void *handle = curl.easy_init();
  if (!handle) return "out of memory";
  void *list = NULL;
  for (; *headers; headers++) list = curl.append(list, *headers);
  curl.setopt(handle, opt_url, url);
  curl.setopt(handle, opt_httpheader, list);
  curl.setopt(handle, opt_postfieldsize, size);
  curl.setopt(handle, opt_postfields, body);
  curl.setopt(handle, opt_writefunction, discard);
  curl.setopt(handle, opt_timeout_ms, milliseconds);
  curl.setopt(handle, opt_nosignal, 1L);
  curl.setopt(handle, opt_protocols, (long)protocols_http_https);
  int code = curl.perform(handle);
  if (code == 0) curl.getinfo(handle, info_response_code, status);
  curl.cleanup(handle);
  curl.free_all(list);
  if (code == 0) return NULL;
  return code == timed_out ? "no answer in time" : curl.strerror(code);
}
