outcome-done = រួចរាល់
outcome-partly = រួចមួយផ្នែក
outcome-refused = មិនបានធ្វើ
outcome-waits = រង់ចាំ
outcome-lines = ម្ដងមួយផ្នែក
outcome-about = អ្វី
outcome-ending = លទ្ធផល
outcome-why = មូលហេតុ
