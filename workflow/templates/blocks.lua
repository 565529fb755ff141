-- Lay out the review's own blocks in every format: numbered headings, linked numbers, tables
-- that come as HTML, figures, wide pages. One filter, so that no format leaves one out.

local html = FORMAT:match "html" ~= nil
local docx = FORMAT:match "docx" ~= nil
local typst = FORMAT:match "typst" ~= nil

local anchors = {}
-- Number -> its place in the appendix, where a document has one.
local places = {}

-- A document that travels alone has no neighbours, and of other schemes some run what they name.
local function leads_somewhere(target)
  local lower = target:lower()
  return lower:match "^#" or lower:match "^https?://" or lower:match "^mailto:"
end

local function plain_link(link)
  if not leads_somewhere(link.target) then return link.content end
  if html then return nil end
  -- Off the screen a number leads to its line in the appendix; Typst stops at a link that leads nowhere.
  local place = places[link.attributes.number or link.attributes["data-number"]]
  if link.classes:includes "number" and place then
    return pandoc.Link(link.content, "#" .. place)
  end
  local anchor = link.target:match "^#(.+)$"
  if link.classes:includes "number" or (anchor and not anchors[anchor]) then return link.content end
end

local function numbered(header)
  local number = header.attributes.sec
  header.attributes.sec = nil
  if number then
    header.content:insert(1, pandoc.Space())
    header.content:insert(1, pandoc.Span(pandoc.Str(number), { class = "section-number" }))
  end
  if html then header.level = header.level + 1 end
  return header
end

-- Raw markup is let through in a table's block only; anywhere else it is somebody's text.
local function shown(raw)
  return pandoc.Str(raw.text)
end

local function quoted(text)
  return '"' .. text:gsub('[\\"]', '\\%0'):gsub("%s+", " ") .. '"'
end

local function picture(image)
  local name = image.src:match "^%.%./figures/([%w_]+)%.svg$"
  if not name then return image.caption end
  local alt = image.attributes.alt or pandoc.utils.stringify(image.caption)
  if typst then
    -- Pandoc 3.9 drops the alternative text on the way to Typst; and a tagged PDF takes no PDF inside.
    return pandoc.RawInline("typst", ("#picture(%s, %s, %s)"):format(
      quoted("/figures/" .. name .. ".svg"), image.attributes.width or "100%", quoted(alt)))
  elseif docx then
    image.src = image.src:gsub("svg$", "png")
    -- A figure keeps its printed width, unless the text is narrower.
    local mm = tonumber((image.attributes.width or ""):match "^(%d+)mm$")
    image.attributes.width = mm and mm < 150 and mm .. "mm" or "100%"
    -- Word reads the alternative text from the place of the caption's plain words.
    image.caption = { pandoc.Str(alt) }
    image.attributes.alt = nil
  end
  return image
end

-- A tagged PDF wants words for a formula; its TeX is what there is.
local function formula(math)
  if not typst then return nil end
  local written = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, "typst"):gsub("%s+$", "")
  local block = math.mathtype == "DisplayMath" and "true" or "false"
  return pandoc.RawInline("typst", ("#math.equation(block: %s, alt: %s, %s.body)"):format(block, quoted(math.text), written))
end

local function styled(name, blocks)
  return pandoc.Div(blocks, { ["custom-style"] = name })
end

local function raw(text)
  return pandoc.RawBlock(docx and "openxml" or "typst", text)
end

local inlines = { Link = plain_link, RawInline = shown, Image = picture, Math = formula }

-- Rows of a printed table stay whole, but a cell over several rows may be taller than a page.
local function unbroken(table)
  for _, body in ipairs(table.bodies) do
    for _, row in ipairs(body.body) do
      for _, cell in ipairs(row.cells) do
        if cell.row_span > 1 then cell.attributes["typst:breakable"] = "true" end
      end
    end
  end
  return table
end

local function caption_of(div, block)
  block = block:walk(inlines)
  if docx then return { styled("Table Caption", block.content) } end
  if not typst then return { block } end
  local made = pandoc.List { raw "#table-caption[" }
  made:extend(block.content)
  made:insert(raw(("] <%s>"):format(div.identifier)))
  return made
end

local function notes_of(blocks)
  if docx then return { styled("Table Notes", blocks) } end
  local made = pandoc.List { raw "#table-notes[" }
  made:extend(blocks)
  made:insert(raw "]")
  return made
end

local function table_block(div)
  local wide = div.classes:includes "landscape"
  local captions, rows, notes = pandoc.List {}, pandoc.List {}, pandoc.List {}
  for _, block in ipairs(div.content) do
    local given = block.t == "RawBlock" and block.format == "html"
    if block.t == "Div" and block.classes:includes "table-caption" then
      captions:extend(caption_of(div, block))
    elseif not given then
      rows:insert(block:walk(inlines))
    elseif html then
      rows:insert(block)
    else
      local read = pandoc.read(block.text, "html").blocks:walk { Link = plain_link }
      if block.text:match '^%s*<p class="table%-notes"' then
        notes:extend(notes_of(read))
      else
        rows:extend(typst and read:walk { Table = unbroken } or read)
      end
    end
  end
  -- On paper a wide table runs over pages: its key stands where the reader begins, not pages later.
  local made = captions
  if wide then made:extend(notes) end
  made:extend(rows)
  if not wide then made:extend(notes) end
  if not typst then
    div.content = made
    return div
  end
  made:insert(1, raw(wide and "#wide-table[" or "#narrow-table["))
  made:insert(raw "]")
  return wide and pandoc.Div(made, { class = "landscape" }) or made
end

-- A figure floats to the top or the foot of a page, so that it leaves no gap in the text.
local function floating(div)
  local figure = div.content[1]
  if not figure or figure.t ~= "Figure" then return nil end
  local image
  figure:walk { Image = function(found) image = found end }
  local made = pandoc.List { raw("#drawing([" .. picture(image).text .. "])[") }
  made:extend(pandoc.Blocks(figure.caption.long):walk(inlines))
  made:insert(raw(("] <%s>"):format(div.identifier)))
  return made
end

-- A reference list's numbers stand in a margin of their own; Typst gets them as one argument.
local function entry(div)
  div = div:walk(inlines)
  local margin, rest = pandoc.Blocks {}, pandoc.Inlines {}
  for _, block in ipairs(div.content) do
    for _, inline in ipairs(block.content) do
      if inline.t == "Span" and inline.classes:includes "csl-left-margin" then
        margin:insert(pandoc.Plain(inline.content))
      elseif inline.t == "Span" and inline.classes:includes "csl-right-inline" then
        rest:extend(inline.content)
      else
        rest:insert(inline)
      end
    end
  end
  local made = pandoc.List { raw(#margin > 0 and "#entry(mark: [" or "#entry(") }
  made:extend(margin)
  made:insert(raw(#margin > 0 and "])[" or ")["))
  made:insert(pandoc.Plain(rest))
  made:insert(raw(("] <%s>"):format(div.identifier)))
  return made
end

-- Word turns the page by the properties of the section that ends here.
local function section(turned)
  return raw('<w:p><w:pPr><w:pStyle w:val="SectionEnd"/><w:sectPr><w:pgSz w:orient="' ..
    (turned and "landscape" or "portrait") .. '"/></w:sectPr></w:pPr></w:p>')
end

local function is_wide(block)
  return block.t == "Div" and block.classes:includes "landscape"
end

-- A wide table begins a page, and would leave the page before it half empty wherever it stood in
-- the text: on paper all of them stand behind the last numbered section.
local function behind_the_text(blocks)
  local text, wide, last, place = pandoc.List {}, pandoc.List {}, 0, nil
  for _, block in ipairs(blocks) do
    (is_wide(block) and wide or text):insert(block)
    if block.t == "Header" and block.level == 1 then
      if not block.classes:includes "unnumbered" then
        last, place = #text, nil
      elseif last > 0 and not place then
        place = #text
      end
    end
  end
  local made = pandoc.List {}
  for at, block in ipairs(text) do
    if at == place then made:extend(wide) end
    made:insert(block)
  end
  if not place then made:extend(wide) end
  return made
end

-- Pandoc would put a block around each table, and in a block no page can be turned.
local function turned_together(blocks)
  local made, turned = pandoc.List {}, false
  for _, block in ipairs(blocks) do
    if is_wide(block) ~= turned then
      made:insert(raw(turned and "]" or "#turned["))
      turned = not turned
    end
    if turned then made:extend(block.content) else made:insert(block) end
  end
  if turned then made:insert(raw "]") end
  return made
end

local function turn_pages(blocks)
  local made, turned = pandoc.List {}, false
  for _, block in ipairs(blocks) do
    if is_wide(block) ~= turned then
      made:insert(section(turned))
      turned = not turned
    end
    made:insert(block)
  end
  if turned then made:insert(section(true)) end
  return made
end

-- Pandoc escapes what begins a paragraph, but not what begins a cell, a link or an emphasis:
-- there Typst would make "= 5 K" a heading and "- 5 K" an item of a list.
local function opened(inlines)
  local first = inlines[1]
  if first and first.t == "Str" and (first.text:match "^[=+/-]+$" or first.text:match "^%d+%.$") then
    inlines:insert(1, pandoc.RawInline("typst", "\\"))
    return inlines
  end
end

local function anchored(element)
  anchors[element.identifier] = true
end

local function placed(block)
  for place, number in block.text:gmatch '<span id="(number%-%d+)" data%-number="([^"]*)"' do
    places[number] = place
  end
end

return {
  { Div = anchored, Header = anchored, Span = anchored, RawBlock = placed },
  {
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes "table-block" then return div, false end
    end,
    RawInline = shown,
    RawBlock = function(block)
      return pandoc.Para { shown(block) }
    end,
  },
  {
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes "table-block" then return table_block(div), false end
      if typst and div.classes:includes "figure-block" then return floating(div), false end
      if typst and div.classes:includes "csl-entry" then return entry(div), false end
    end,
    Header = numbered,
    Link = plain_link,
    Image = picture,
    Math = formula,
  },
  {
    Pandoc = function(doc)
      if html then return end
      doc.blocks = behind_the_text(doc.blocks)
      if typst then
        doc.blocks = turned_together(doc.blocks)
        return doc
      end
      doc.blocks = turn_pages(doc.blocks)
      if doc.meta.draft then doc.blocks:insert(1, styled("Draft Mark", { pandoc.Para "Draft" })) end
      -- Pandoc's document has a place for the names of the authors alone.
      for at, line in ipairs(doc.meta.affiliation or {}) do
        doc.blocks:insert(at, styled("Affiliation", { pandoc.Para(line) }))
      end
      return doc
    end,
  },
  { Inlines = typst and opened or nil },
}
