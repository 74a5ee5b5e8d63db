rows-name = အမည်
rows-type = အမျိုးအစား
rows-author = ပေးပို့သူ
rows-channel = ချန်နယ်
rows-label = အမှတ်အသား
rows-time = အချိန်
rows-revoked = ပယ်ဖျက်ပြီး
