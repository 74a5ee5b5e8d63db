withdraw-title = ដកចេញ
withdraw-text = អ្នករក្សាទុកទាំងអស់ត្រូវបានស្នើឱ្យលុបគ្រប់កំណែ ហើយថ្នាំងរបស់ពួកគេប្រាប់ពេលលុបរួច។ អ្វីដែលគេបានចម្លងទៅកន្លែងផ្សេង មិនអាចយកមកវិញបានទេ។
withdraw-relabel-title = ប្ដូរស្លាក
withdraw-relabel-text = ស្លាកតឹងរ៉ឹងជាងអនុវត្តចំពោះគ្រប់កំណែចាប់ពីពេលនេះ។ បើស្លាកតឹងរ៉ឹងជាងឆានែលអនុញ្ញាត វត្ថុនឹងត្រូវដកចេញពីឆានែលនោះ។
withdraw-where = នៅទីណា
withdraw-asked = នឹងស្នើទៅ៖
withdraw-reason = មូលហេតុ
withdraw-reason-error = ខ្លឹមសារខុស
withdraw-reason-agreement = កិច្ចព្រមព្រៀងតម្រូវ
withdraw-reason-legal = ច្បាប់តម្រូវ
withdraw-reason-personal-data = មានទិន្នន័យផ្ទាល់ខ្លួន
withdraw-reason-request = មានគេស្នើសុំ
withdraw-reason-other = មូលហេតុផ្សេង
withdraw-act = ដកចេញ
withdraw-leave = ទុកដដែល
withdraw-new-label = ស្លាកថ្មី
withdraw-relabel-act = ប្ដូរ
withdraw-now = ភ្លាមៗ ដោយមិនអាចត្រឡប់វិញ
withdraw-parts = ដកចេញផងដែរនូវអ្វីដែលវាលើកឡើង ហើយគ្មានអ្វីផ្សេងលើកឡើង
withdraw-parts-stay = អ្វីដែលវាលើកឡើងរក្សាស្លាករបស់ខ្លួន៖ សូមប្ដូរវាដាច់ដោយឡែក។
withdraw-nothing-chosen = មិនបានធ្វើអ្វីទេ៖ សូមជ្រើសរើសទីកន្លែង និងមូលហេតុ ឬស្លាក។
withdraw-again = ជ្រើសរើសម្ដងទៀត
withdraw-onward = កំណត់ត្រាទាំងអស់
withdraw-listed = អ្វីដែលបានដកនៅទីនោះ និងនរណាបានលុបវា
withdraw-line-done = រួចហើយ។ បានស្នើទៅអ្នករក្សាទុក
withdraw-line-none = គ្មានអ្វីរបស់អ្នកនៅទីនោះទេ
withdraw-line-refused = មិនបានធ្វើ
withdraw-outcome-withdraw = { $entries ->
    [0] គ្មានអ្វីត្រូវបានដកទេ។
   *[other] បានដកធាតុ { $entries }។ អ្នករក្សាទុកទាំងអស់ត្រូវបានស្នើឱ្យលុប។
}
withdraw-outcome-relabel = { $entries ->
    [0] គ្មានស្លាកណាត្រូវបានប្ដូរទេ។
   *[other] បានប្ដូរស្លាកនៃធាតុ { $entries }។
}
withdraw-reason-superseded = មានអ្វីថ្មីជាងមកជំនួស
withdraw-reason-source-request = ប្រភពរបស់វាបានស្នើ
withdraw-reason-privacy = វានិយាយច្រើនពេកអំពីបុគ្គល
withdraw-reason-retention = ហួសពេលដែលអាចរក្សាទុក
withdraw-reason-relabelled = ស្លាករបស់វាប្ដូរហួសពីអ្វីដែលឆានែលទទួល
