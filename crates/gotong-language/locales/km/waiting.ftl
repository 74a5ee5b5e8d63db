waiting-title = រង់ចាំមន្ត្រី
waiting-about = កំណត់ត្រាទាំងនេះបានផ្ញើមកដើម្បីផ្សព្វផ្សាយ ប៉ុន្តែមានចំណុចខ្លះត្រូវឱ្យមន្ត្រីសម្រេចជាមុន។ អ្នកខាងក្រៅមិនទាន់ឃើញទេ។
waiting-none = គ្មានអ្វីរង់ចាំទេ
waiting-none-text = អ្វីដែលត្រូវសម្រេចនឹងបង្ហាញនៅទីនេះ។
waiting-no-more = គ្មានអ្វីរង់ចាំទៀតទេ
waiting-first = ត្រឡប់ទៅដើម
waiting-only-look = អ្នកអាចមើលបាន។ មន្ត្រីអនុញ្ញាតផ្សព្វផ្សាយជាអ្នកសម្រេច។
waiting-caption = ចាស់បំផុតមុន
waiting-choose = ជ្រើសរើស
waiting-what = អ្វី
waiting-why = ហេតុអ្វីរង់ចាំ
waiting-all-shown = ទាំង { $count } ដែលបង្ហាញនៅទីនេះ
waiting-release = អនុញ្ញាតអ្វីដែលជ្រើសរើស
waiting-drop = បោះបង់អ្វីដែលជ្រើសរើស
waiting-decide-about = អ្វីដែលអនុញ្ញាតនឹងផ្សព្វផ្សាយក្នុងឆានែលរបស់វាភ្លាម។ អ្វីដែលបោះបង់នឹងត្រូវលុប ហើយមិនអាចយកមកវិញបានទេ។
waiting-next = បន្ត
waiting-one-title = រង់ចាំ លេខ
waiting-sender = ផ្ញើដោយ
waiting-contents = ខ្លឹមសារ
waiting-release-one = អនុញ្ញាត
waiting-drop-one = បោះបង់
waiting-nothing-chosen = មិនបានធ្វើអ្វីទេ៖ មិនទាន់ជ្រើសរើសអ្វី។
waiting-onward = អ្វីដែលនៅរង់ចាំ
waiting-released = { $count ->
    [0] គ្មានអ្វីត្រូវបានអនុញ្ញាតទេ។
   *[other] បានអនុញ្ញាតកំណត់ត្រា { $count }។
}
waiting-dropped = { $count ->
    [0] គ្មានអ្វីត្រូវបានបោះបង់ទេ។
   *[other] បានបោះបង់កំណត់ត្រា { $count }។
}
waiting-line-released = បានផ្សព្វផ្សាយ
waiting-line-known = បានផ្សព្វផ្សាយពីមុន
waiting-line-refused = ត្រូវបានបដិសេធ។ នៅរង់ចាំទីនេះ
waiting-line-waits = នៅរង់ចាំ
waiting-line-dropped = បានបោះបង់ និងលុប
waiting-line-gone = លែងរង់ចាំ៖ មានគេសម្រេចរួចហើយ
