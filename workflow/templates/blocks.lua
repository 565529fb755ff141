-- Lay out the review's own blocks in every format: numbered headings, linked numbers, tables
-- that come as HTML, figures, wide pages. One filter, so that no format leaves one out.

local html = FORMAT:match "html" ~= nil
local docx = FORMAT:match "docx" ~= nil
local typst = FORMAT:match "typst" ~= nil

local function plain_number(link)
  -- Off the screen a number opens nothing, so its words stand alone.
  if not html and link.classes:includes "number" then return link.content end
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
    return pandoc.RawInline("typst", ("image(%s, alt: %s)"):format(quoted("figures/" .. name .. ".svg"), quoted(alt)))
  elseif docx then
    image.src = image.src:gsub("svg$", "png")
    image.attributes.width = "100%"
    -- Word reads the alternative text from the place of the caption's plain words.
    image.caption = { pandoc.Str(alt) }
    image.attributes.alt = nil
  end
  return image
end

local function styled(name, blocks)
  return pandoc.Div(blocks, { ["custom-style"] = name })
end

local function raw(text)
  return pandoc.RawBlock(docx and "openxml" or "typst", text)
end

local inlines = { Link = plain_number, RawInline = shown, Image = picture }

local function table_block(div)
  local made = pandoc.List {}
  for _, block in ipairs(div.content) do
    local caption = block.t == "Div" and block.classes:includes "table-caption"
    local given = block.t == "RawBlock" and block.format == "html"
    if caption then
      block = block:walk(inlines)
      if docx then
        made:insert(styled("Table Caption", block.content))
      elseif typst then
        made:insert(raw "#table-caption[")
        made:extend(block.content)
        made:insert(raw "]")
      else
        made:insert(block)
      end
    elseif given and html then
      made:insert(block)
    elseif given then
      local read = pandoc.read(block.text, "html").blocks:walk { Link = plain_number }
      if block.text:match '^%s*<p class="table%-notes"' then
        if docx then
          made:insert(styled("Table Notes", read))
        else
          made:insert(raw "#table-notes[")
          made:extend(read)
          made:insert(raw "]")
        end
      else
        made:extend(read)
      end
    else
      made:insert(block:walk(inlines))
    end
  end
  div.content = made
  if html then return div end
  if typst then
    made:insert(1, raw(div.classes:includes "landscape" and "#wide-table[" or "#narrow-table["))
    made:insert(raw "]")
  end
  return div
end

-- Word turns the page by the properties of the section that ends here.
local function section(turned)
  return raw('<w:p><w:pPr><w:pStyle w:val="SectionEnd"/><w:sectPr><w:pgSz w:orient="' ..
    (turned and "landscape" or "portrait") .. '"/></w:sectPr></w:pPr></w:p>')
end

local function turn_pages(blocks)
  local made, turned = pandoc.List {}, false
  for _, block in ipairs(blocks) do
    local wide = block.t == "Div" and block.classes:includes "landscape"
    if wide ~= turned then
      made:insert(section(turned))
      turned = wide
    end
    made:insert(block)
  end
  if turned then made:insert(section(true)) end
  return made
end

return {
  {
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes "table-block" then return table_block(div), false end
    end,
    Header = numbered,
    Link = plain_number,
    Image = picture,
    RawInline = shown,
    RawBlock = function(block)
      return pandoc.Para { shown(block) }
    end,
  },
  {
    Pandoc = function(doc)
      if docx then doc.blocks = turn_pages(doc.blocks) end
      if docx and doc.meta.draft then doc.blocks:insert(1, styled("Draft Mark", { pandoc.Para "Draft" })) end
      return doc
    end,
  },
}
