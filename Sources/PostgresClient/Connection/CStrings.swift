import Glibc

/// Arrays of C strings for the length of a call.
enum CStrings {
  /// Calls `body` with the texts, nulls kept, and a null behind the last.
  static func with<Value>(
    _ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Value
  ) -> Value {
    let copies = texts.map { $0.flatMap { strdup($0) } }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { $0.map { UnsafePointer($0) } } + [nil])
  }
}
