import FrameFiles
import Frames
import PipelineFiles
import Threads

/// The rows of an extract and what there is to say of how they came.
struct ReadRows: Sendable {
  /// In the order of their key.
  var frame: Frame
  var notes: [String] = []
  var warnings: [String] = []
  var details: [String: JSONValue] = [:]
}

/// Reads an append-only source: what is new from there, the rest from what is kept, which must prove
/// to be what the source has. Where it does not, everything is read, and kept anew.
struct KeptReading: Sendable {
  let plan: KeptPlan
  let source: KeptSource
  /// Columns by which rows are ordered.
  let key: [String]
  let context: any StageContext
  let state: StateFolder
  /// Reads all rows, in order.
  let readAll: @Sendable () async throws -> Frame
  /// The rows of a statement as they are kept, in no order.
  let read: @Sendable (PlannedStatement) async throws -> Frame

  func rows() async throws -> ReadRows {
    let path = try plan.folder(in: state, connection: source.connection)
    let folder: KeptFolder
    do {
      let key = try plan.key(in: state)
      guard let taken = try await blocking({ try KeptFolder.take(path, key: key) }) else {
        return try await inFull(
          because: "another run is using the rows that are kept",
          note: "another run is using the rows that are kept, so all were read and none kept")
      }
      folder = taken
    } catch let trouble as KeptPlan.KeyTrouble {
      return try await inFull(
        because: trouble.message,
        warning: "all rows were read and none kept, because they hold personal data and "
          + "\(trouble.message): \(KeptPlan.KeyTrouble.help)")
    } catch let error as FrameFileError {
      return try await inFull(
        because: "\(error)", warning: "all rows were read and none kept: \(error)")
    }
    try await context.record(Holding(folder: path, entityColumns: plan.entityColumns))
    let (now, isIndexed) = try await source.facts(context)
    let writing = KeptWriting(folder: folder, plan: plan, key: key, now: now)
    do {
      guard let manifest = try folder.manifest(), !manifest.ranges.isEmpty else {
        return try await anew(writing, because: "nothing was kept yet")
      }
      return try await rows(manifest, writing, isIndexed: isIndexed)
    } catch let mismatch as KeptMismatch {
      return try await anew(
        writing, because: mismatch.text,
        warning:
          "what is kept is not what the source has: \(mismatch.text); all rows were read and "
          + "kept anew\(mismatch.help.map { "; \($0)" } ?? "")")
    } catch let error as FrameFileError {
      return try await anew(
        writing, because: "\(error)",
        warning: "what is kept cannot be used, so all rows were read and kept anew: \(error)")
    }
  }

  /// What is kept together with what is not.
  private func rows(
    _ manifest: KeptManifest, _ writing: KeptWriting, isIndexed: Bool
  ) async throws -> ReadRows {
    guard let settled = manifest.settled else { return try await anew(writing, because: "") }
    let due = KeptRanges.due(manifest.ranges, all: state.verifies)
    let counts = KeptCounts(source: source, ranges: manifest.ranges, isIndexed: isIndexed)
    let proof = KeptProof(
      source: source, folder: writing.folder, key: key, read: read, context: context)
    // All at once: the source counts while new rows come in and old ones are taken from the disk.
    async let counted: Void = proof.count(manifest.ranges, counts)
    async let compared: Void = proof.compare(due.map { manifest.ranges[$0] })
    let new = try await read(source.rows(where: plan.watermark.rest(from: settled)))
    let frame = try await blocking {
      let files = try manifest.ranges.map { FrameAssembly.Part.file(try writing.folder.open($0)) }
      return try FrameAssembly(files + [.frame(new)]).frame().ordered(by: key)
    }
    try await counted
    try await compared

    var proved = manifest
    for place in due { proved.ranges[place].proved = writing.now.microseconds }
    var result = ReadRows(frame: frame)
    let report = KeptReport(watermark: plan.watermark)
    result.notes = [
      report.used(manifest, new: new.rowCount), report.proved(proved, tonight: due.count),
    ]
    do {
      let toAdd = proved
      proved = try await blocking { try writing.add(new, to: toAdd) }
    } catch let error as FrameFileError {
      result.warnings = ["new rows could not be kept: \(error)"]
    }
    result.details = report.details(proved, read: new.rowCount, because: nil)
    return result
  }

  private func inFull(
    because reason: String, note: String? = nil, warning: String? = nil
  ) async throws -> ReadRows {
    let frame = try await readAll()
    return ReadRows(
      frame: frame, notes: note.map { [$0] } ?? [], warnings: warning.map { [$0] } ?? [],
      details: KeptReport(watermark: plan.watermark)
        .details(nil, read: frame.rowCount, because: reason))
  }

  /// Reads all rows and puts them in the place of what is kept.
  private func anew(
    _ writing: KeptWriting, because reason: String, warning: String? = nil
  ) async throws -> ReadRows {
    let frame = try await readAll()
    let report = KeptReport(watermark: plan.watermark)
    var result = ReadRows(frame: frame, warnings: warning.map { [$0] } ?? [])
    do {
      let manifest = try await blocking { try writing.replace(with: frame) }
      result.notes = [report.kept(manifest)]
      result.details = report.details(manifest, read: frame.rowCount, because: reason)
    } catch let error as FrameFileError {
      result.warnings.append("the rows could not be kept: \(error)")
      result.details = report.details(nil, read: frame.rowCount, because: reason)
    }
    return result
  }

  private func blocking<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await onOwnThread(named: "roost.kept", work)
  }
}
