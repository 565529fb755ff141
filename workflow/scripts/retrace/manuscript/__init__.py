"""Turn the author's template, the numbers and the tables into one text in four formats.

One Markdown file is made first and is the only source of HTML, DOCX and PDF, so that no
format can say another number. Each module is imported by the rule that needs it alone: an
edit of the page's code reruns the page, not the PDF.
"""
