import ArgumentParser

/// How many are listed.
struct LimitOption: ParsableArguments {
  @Option(help: "How many at most.")
  var limit = 20

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1") }
  }
}
