import Diagnostics

extension YAMLNode {
  /// Reports texts that hold a NUL, which YAML can write and no text of Postgres can hold.
  package func refuseNUL(_ report: Report) {
    switch kind {
    case .scalar(let snippet, _):
      guard snippet.text.utf8.contains(0) else { return }
      report.error(
        .wrongValue, "the text holds a NUL (\\0), which no text of Postgres can hold",
        at: snippet.span, help: "remove it")
    case .sequence(let nodes): for node in nodes { node.refuseNUL(report) }
    case .mapping(let pairs):
      for pair in pairs {
        pair.key.refuseNUL(report)
        pair.value.refuseNUL(report)
      }
    }
  }
}
