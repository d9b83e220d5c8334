/// The files of a draft as a colleague would have written them.
struct DraftText {
  let findings: DraftFindings
  let what: String
  let entity: DraftExtract
  let extracts: [DraftExtract]
  let features: DraftFeatures
  let featureStage: String

  var windows: [Int] { findings.churn?.plan.windows ?? ChurnPlan.windows(for: findings.days) }
  var longest: Int { windows.last ?? 30 }

  /// What is published.
  var tables: [String] {
    (findings.churn == nil ? [] : ["\(YAMLText.scalar(findings.target)).\(what)_scores"])
      + ["\(findings.target).\(what)_segments"]
  }

  // MARK: roost.yaml

  var project: String {
    var lines = CommentedLines()
    lines.add("roost: 1", "version of the language")
    lines.add("root: ..", "paths in the pipelines are relative to this folder")
    lines.add("timezone: \(findings.zone)", "days are cut here; \(findings.zoneReason)")
    lines.add("connections:", "nothing secret stands here")
    lines.add("  shop: ${\(findings.variable)}", "what is read")
    if findings.variable == findings.warehouseVariable {
      lines.add(
        "  warehouse: ${\(findings.variable)}",
        "where results go: the same database, until you name another variable")
    } else {
      lines.add("  warehouse: ${\(findings.warehouseVariable)}", "where results go")
    }
    lines.add("state: warehouse", "holds schema roost and takes every write")
    if !(entity.hash + extracts.flatMap(\.hash)).isEmpty {
      lines.add(
        "hash_key: ${ROOST_HASH_KEY}", "stands in for personal keys; keep it, or they all change")
    }
    lines.add("# grant_to: marketing_reader", "a role that may read what is published")
    return lines.text
  }

  // MARK: The pipeline

  var pipeline: String {
    var lines = CommentedLines()
    lines.add("pipeline: \(what)_segments")
    lines.add(
      "description: "
        + (findings.churn == nil
          ? "How recently\(features.monetary == nil ? " and how often" : ", how often and for how much") "
            + "each \(what) was active."
          : "Which \(what) is about to leave, and in which segment each one is."))
    lines.add("as_of: day", "a run sees what happened before the start of a day")
    lines.blank()
    lines.remark(
      "Written by roost init from the catalogue of the database. What was guessed says so: "
        + "correct it where you know better, and ask roost check.")
    if let asOf = findings.asOf {
      lines.remark(
        "\(findings.main.table.name) ends the day before \(asOf). Until it goes on, run this with "
          + "--as-of \(asOf): seen from today, nobody was active lately.")
    }
    remarkAlternatives(&lines)
    remarkLeftOut(&lines)
    lines.blank()
    lines.add("stages:")
    write(entity, "Who it is about: \(findings.choice.reason).", &lines)
    for (place, extract) in extracts.enumerated() {
      write(
        extract,
        place == 0 ? "What counts as being active: guessed from its name and columns." : "", &lines)
    }
    writeClean(&lines)
    writeFeatures(&lines)
    writeModel(&lines)
    writeSegments(&lines)
    writePublications(&lines)
    return lines.text
  }

  private func remarkAlternatives(_ lines: inout CommentedLines) {
    if !findings.choice.alternatives.isEmpty {
      lines.remark(
        "It might have been about \(findings.choice.alternatives.joined(separator: " or ")): "
          + "--entity TABLE.COLUMN decides.")
    }
    if !findings.catalog.otherSchemas.isEmpty {
      lines.remark(
        "Not looked at: schema \(findings.catalog.otherSchemas.joined(separator: ", ")); --schema decides."
      )
    }
  }

  private func remarkLeftOut(_ lines: inout CommentedLines) {
    let leftOut = findings.leftOut
    guard !leftOut.isEmpty else { return }
    lines.remark("Tables that it does not read:")
    for (table, reason) in leftOut.prefix(30) {
      lines.remark("- \(table): \(reason)")
    }
    if leftOut.count > 30 { lines.remark("- and \(leftOut.count - 30) more") }
  }

  private func write(_ extract: DraftExtract, _ remark: String, _ lines: inout CommentedLines) {
    if !remark.isEmpty { lines.remark(remark, indent: 2) }
    lines.add("  \(extract.stage):")
    lines.add("    extract:")
    lines.add("      from: shop")
    if let select = extract.select {
      lines.add(
        "      sql: \(select.path)")
    } else {
      lines.add("      table: \(YAMLText.scalar(extract.table.description))")
    }
    lines.add("      key: \(names(extract.key))", extract.keyReason)
    if let time = extract.time {
      lines.add("      time: \(YAMLText.scalar(time))", extract.timeReason)
    }
    if let timeless = extract.timeless {
      lines.add("      timeless: \(timeless)")
    }
    if let arrival = extract.arrival {
      lines.add(
        "      # arrived: \(YAMLText.scalar(arrival))", "if it says when a row became known here")
    }
    if !extract.personal.isEmpty {
      lines.add(
        "      personal: \(YAMLText.list(extract.personal))",
        "guessed from names; kept out of models and results")
    }
    if !extract.hash.isEmpty {
      lines.add("      hash: \(YAMLText.list(extract.hash))", "personal, and needed to join")
    }
    if !extract.changes.isEmpty {
      lines.add(
        "      changes: \(YAMLText.list(extract.changes))",
        "guessed to be updated in place, so that the past is lost")
    }
    lines.blank()
  }

  private func names(_ names: [String]) -> String {
    names.count == 1 ? YAMLText.scalar(names[0]) : YAMLText.list(names)
  }

  private func writeClean(_ lines: inout CommentedLines) {
    for extract in extracts {
      guard let duplicates = extract.duplicates else { continue }
      lines.add("  \(extract.cleaned):")
      lines.add("    clean:")
      lines.add("      input: \(extract.stage)")
      lines.add("      steps:")
      lines.add(
        "        - deduplicate: { by: \(YAMLText.list([duplicates.by])), keep: latest, "
          + "order: \(YAMLText.scalar(duplicates.order)) }")
      lines.blank()
    }
  }
}
