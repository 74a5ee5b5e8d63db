graph-title = ក្រាហ្វ
graph-summary = វត្ថុ { $count } ក្នុងពីរជំហាន។
graph-cut = មានច្រើនជាងអ្វីដែលគូរនៅទីនេះ។
graph-table = ខ្លឹមសារដដែលជាតារាង
graph-from = ពី
graph-how = ទំនាក់ទំនង
graph-to = ទៅ
