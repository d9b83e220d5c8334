import Frames
import PipelineFiles

/// Says what was kept, read and proved.
struct KeptReport: Sendable {
  let watermark: Watermark

  func kept(_ manifest: KeptManifest) -> String {
    guard let settled = manifest.settled else {
      return "all rows were read; none has settled yet, so none is kept"
    }
    return "all rows were read; \(manifest.rows) are kept for the next run, in "
      + "\(manifest.ranges.count) ranges up to \(watermark.column) \(watermark.text(settled))"
  }

  func used(_ manifest: KeptManifest, new: Int) -> String {
    let settled = manifest.settled.map(watermark.text) ?? "?"
    return
      "\(manifest.rows) rows were kept, \(new) read anew from \(watermark.column) \(settled) on"
  }

  func proved(_ manifest: KeptManifest, tonight: Int) -> String {
    let oldest = manifest.ranges.map(\.proved).min().map { Instant(microseconds: $0).postgresText }
    return
      "\(tonight) of \(manifest.ranges.count) kept ranges were read again and are the same; the "
      + "rows of all were counted"
      + (tonight == manifest.ranges.count || oldest == nil
        ? "" : "; the longest ago that one was read again is \(oldest?.prefix(16) ?? "") UTC")
  }

  /// - Parameter manifest: what is kept now; nil for nothing.
  func details(
    _ manifest: KeptManifest?, read: Int, because reason: String?
  ) -> [String: JSONValue] {
    [
      "kept": .object([
        "rows": .integer(manifest?.rows ?? 0),
        "read_anew": .integer(read),
        "read_in_full_because": reason.map { .string($0) } ?? .null,
        "watermark": .string(watermark.column),
        "ranges": .array(
          (manifest?.ranges ?? []).map { range in
            .object([
              "from": range.from.map { .string(watermark.text($0)) } ?? .null,
              "below": .string(watermark.text(range.below)),
              "rows": .integer(range.rows),
              "proved_at": .string(Instant(microseconds: range.proved).postgresText),
            ])
          }),
      ])
    ]
  }
}
