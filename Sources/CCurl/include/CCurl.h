#ifndef CCURL_H
#define CCURL_H

// Sends a POST by libcurl and waits for its answer; blocks the thread. Foundation's URLSession burns a
// core for as long as a server takes the request and does not answer.
//
// url           http or https; redirects are not followed
// headers       lines such as "Content-Type: application/json", the last one NULL
// milliseconds  for all of it
// status        gets the status of the answer
//
// Returns NULL, or what went wrong, without any part of the address.
const char *curl_post(const char *url, const char *const *headers, const char *body, long size,
                      long milliseconds, long *status);

#endif
